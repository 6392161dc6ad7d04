using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Collab.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class AddWriters : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // A SQLite file has one writer.
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
        }
    }
}
