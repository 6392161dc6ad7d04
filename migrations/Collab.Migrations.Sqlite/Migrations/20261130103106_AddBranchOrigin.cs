using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Collab.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class AddBranchOrigin : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "branched_from",
                table: "collaboration_runs",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "branched_from_sequence",
                table: "collaboration_runs",
                type: "INTEGER",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "branched_from",
                table: "collaboration_runs");

            migrationBuilder.DropColumn(
                name: "branched_from_sequence",
                table: "collaboration_runs");
        }
    }
}
