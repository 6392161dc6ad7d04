using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Collab.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class AddSignatures : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "signature",
                table: "persisted_collaboration_messages",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "folded_signature",
                table: "collaboration_runs",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "signature",
                table: "collaboration_runs",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "signed_epoch",
                table: "collaboration_runs",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "signed_from",
                table: "collaboration_runs",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "signed_sequence",
                table: "collaboration_runs",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "state_signature",
                table: "collaboration_runs",
                type: "TEXT",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "signature",
                table: "persisted_collaboration_messages");

            migrationBuilder.DropColumn(
                name: "folded_signature",
                table: "collaboration_runs");

            migrationBuilder.DropColumn(
                name: "signature",
                table: "collaboration_runs");

            migrationBuilder.DropColumn(
                name: "signed_epoch",
                table: "collaboration_runs");

            migrationBuilder.DropColumn(
                name: "signed_from",
                table: "collaboration_runs");

            migrationBuilder.DropColumn(
                name: "signed_sequence",
                table: "collaboration_runs");

            migrationBuilder.DropColumn(
                name: "state_signature",
                table: "collaboration_runs");
        }
    }
}
