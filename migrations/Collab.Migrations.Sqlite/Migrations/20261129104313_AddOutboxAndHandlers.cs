using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Collab.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class AddOutboxAndHandlers : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "collaboration_handler_owners",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    alive_until = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_collaboration_handler_owners", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "collaboration_handler_runs",
                columns: table => new
                {
                    handler = table.Column<string>(type: "TEXT", nullable: false),
                    run_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    epoch = table.Column<Guid>(type: "TEXT", nullable: false),
                    position = table.Column<long>(type: "INTEGER", nullable: false),
                    owner = table.Column<Guid>(type: "TEXT", nullable: true),
                    attempts = table.Column<int>(type: "INTEGER", nullable: false, defaultValue: 0),
                    retry_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    parked_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    error = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_collaboration_handler_runs", x => new { x.handler, x.run_id });
                });

            migrationBuilder.CreateTable(
                name: "collaboration_handlers",
                columns: table => new
                {
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    seen_at = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_collaboration_handlers", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "collaboration_outbox",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    run_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    message_id = table.Column<Guid>(type: "TEXT", nullable: false, defaultValueSql: "(upper(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)\n    || '-8' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))))"),
                    event_type = table.Column<string>(type: "TEXT", nullable: false),
                    user_id = table.Column<string>(type: "TEXT", nullable: false, defaultValue: "outbox"),
                    user_name = table.Column<string>(type: "TEXT", nullable: true),
                    data = table.Column<string>(type: "TEXT", nullable: false, defaultValue: "{}"),
                    created_at = table.Column<DateTime>(type: "TEXT", nullable: false, defaultValueSql: "(strftime('%Y-%m-%d %H:%M:%f', 'now'))"),
                    failed_at = table.Column<DateTime>(type: "TEXT", nullable: true),
                    error = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_collaboration_outbox", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_collaboration_outbox_waiting",
                table: "collaboration_outbox",
                column: "id",
                filter: "failed_at IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "collaboration_handler_owners");

            migrationBuilder.DropTable(
                name: "collaboration_handler_runs");

            migrationBuilder.DropTable(
                name: "collaboration_handlers");

            migrationBuilder.DropTable(
                name: "collaboration_outbox");
        }
    }
}
