using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Collab.Migrations.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class AddEndedSequence : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "ended_sequence",
                table: "collaboration_runs",
                type: "bigint",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "ended_sequence",
                table: "collaboration_runs");
        }
    }
}
