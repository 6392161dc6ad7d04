using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Collab.Migrations.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class AddEpochSalt : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "collaboration_store",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    epoch_salt = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_collaboration_store", x => x.id);
                });

            migrationBuilder.Sql(
                """
                INSERT INTO collaboration_store (id, epoch_salt) VALUES (1, gen_random_uuid());
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "collaboration_store");
        }
    }
}
