using Collab.Hostile.Inputs;
using Collab.TestKit;

namespace Collab.Hostile.Kinds;

/// <summary>A real server as a process, with an innocent user on it, for all that comes over the network.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private static readonly string[] Unlimited =
    [
        "PublishPerSecond", "PublishPerMinute", "CursorPerSecond", "ConnectionsPerUser", "JoinPerSecond", "PollPerSecond", "ReplayPerSecond",
        "PastStatePerSecond", "ListPerSecond", "PingPerSecond", "AnonymousPerSecond",
    ];

    private readonly ServerProcess _server;
    private readonly Innocent _innocent;
    private readonly CancellationTokenSource _end = new();
    private Task _tending = Task.CompletedTask;

    private Stage(ServerProcess server, Innocent innocent) => (_server, _innocent) = (server, innocent);

    public Uri Address => _server.BaseAddress;

    /// <summary>The run that hostile users may write to.</summary>
    public Guid Run { get; } = Guid.Parse("aaaaaaaa-0000-4000-8000-00000000f00d");

    /// <summary>Another one, which they may end.</summary>
    private static readonly Guid Ended = Guid.Parse("aaaaaaaa-0000-4000-8000-00000000e00d");

    /// <summary>And one that they may make a copy.</summary>
    private static readonly Guid Copy = Guid.Parse("aaaaaaaa-0000-4000-8000-00000000c09e");

    public Guid InnocentRun => _innocent.Run;

    public string Token { get; private set; } = "";

    public static async Task<Stage> StartAsync()
    {
        var configuration = Unlimited.ToDictionary(limit => $"Collab:Limits:{limit}", _ => (string?)"0", StringComparer.Ordinal);
        configuration["Collab:Events:COMMENT"] = "Critical";
        configuration["Collab:Events:TYPING"] = "Ephemeral";
        // Not required: what is not signed goes on to what else can be wrong with it.
        configuration["Collab:Signing:Clients:Secret:0"] = "the secret of a server that is attacked, 32+";
        var server = await ServerProcess.StartAsync(new ServerSettings { Configuration = configuration });
        var stage = new Stage(server, await Innocent.StartAsync(server.BaseAddress, server.BaseAddress, Guid.NewGuid()));
        stage.Token = TestTokens.Create("mallory", [$"{stage.Run}:write", $"{Ended}:write", $"{Copy}:write"], expires: DateTimeOffset.UtcNow.AddHours(6));
        stage._tending = stage.TendAsync();
        return stage;
    }

    /// <summary>Puts the runs' ids in the places of their names.</summary>
    public string Spell(string text) => text
        .Replace("INNOCENT", InnocentRun.ToString(), StringComparison.Ordinal).Replace("RUN", Run.ToString(), StringComparison.Ordinal)
        .Replace("ENDED", Ended.ToString(), StringComparison.Ordinal).Replace("COPY", Copy.ToString(), StringComparison.Ordinal);

    /// <summary>What the innocent user and the server's log have to say.</summary>
    public async Task<IReadOnlyList<string>> EndAsync()
    {
        var troubles = new List<string>(await _innocent.EndAsync());
        troubles.AddRange(_server.Output.All.Where(Rules.IsComplaint).Take(5).Select(line => $"the server's log: {line}"));
        using var api = new ApiClient(Address, TestTokens.Create("admin", admin: true));
        var ready = await api.GetAsync("health/ready");
        if ((int)ready.Status != 200) troubles.Add($"the server is not ready any more: {ready}");
        return troubles;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _tending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
        await _innocent.DisposeAsync();
        await _server.DisposeAsync();
    }

    /// <summary>What has ended takes no more, and what is a copy cannot be made one: they are erased again and again, while clients are in them.</summary>
    private async Task TendAsync()
    {
        using var api = new ApiClient(Address, TestTokens.Create("admin", admin: true));
        for (var turn = 1; !_end.IsCancellationRequested; turn++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), _end.Token);
            await api.EraseAsync(Ended);
            await api.EraseAsync(Copy);
            // A mixture of two inputs may have ended it.
            if ((await api.ReplayAsync(Run, limit: 1)).Value.Ended || turn % 20 == 0) await api.EraseAsync(Run);
        }
    }
}

/// <summary>Inputs that go to a server over the network.</summary>
internal abstract class ServedKind : Kind
{
    private Stage? _stage;

    protected override int Workers => 4;

    protected override int BatchSize => 40;

    protected Stage Stage => _stage ?? throw new InvalidOperationException("Not started.");

    public override async Task StartAsync() => _stage = await Stage.StartAsync();

    public override async ValueTask DisposeAsync()
    {
        if (_stage is not null) await _stage.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override Task<IReadOnlyList<string>> EndAsync() => Stage.EndAsync();
}
