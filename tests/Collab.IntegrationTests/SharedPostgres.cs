using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests;

/// <summary>Tests that share one PostgreSQL server, each with a database of its own: <c>[Collection(SharedPostgres.Name)]</c>.</summary>
[CollectionDefinition(Name)]
public sealed class SharedPostgres : ICollectionFixture<PostgresFixture>
{
    public const string Name = "PostgreSQL";
}
