using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.TestKit;

public sealed class PostgresSourceTests
{
    [Fact]
    public void A_container_is_taken_where_there_is_nothing_else()
    {
        Assert.Equal(PostgresKind.Local, PostgresSource.Choose(setting: null, hasPrograms: true, alone: false));
        Assert.Equal(PostgresKind.Container, PostgresSource.Choose(setting: null, hasPrograms: false, alone: false));
        Assert.Equal(PostgresKind.Container, PostgresSource.Choose(setting: "", hasPrograms: false, alone: true));
    }

    [Fact]
    public void A_container_is_taken_where_it_is_asked_for()
    {
        Assert.Equal(PostgresKind.Container, PostgresSource.Choose("container", hasPrograms: true, alone: false));
        Assert.Equal(PostgresKind.Container, PostgresSource.Choose("container", hasPrograms: true, alone: true));
    }

    [Fact]
    public void A_server_that_was_there_before_is_for_tests_that_leave_it_alone()
    {
        const string Server = "Host=db;Username=tests";
        Assert.Equal(PostgresKind.Existing, PostgresSource.Choose(Server, hasPrograms: true, alone: false));
        Assert.Equal(PostgresKind.Local, PostgresSource.Choose(Server, hasPrograms: true, alone: true));
        Assert.Equal(PostgresKind.Container, PostgresSource.Choose(Server, hasPrograms: false, alone: true));
    }
}
