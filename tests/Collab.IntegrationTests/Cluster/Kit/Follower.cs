using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.IntegrationTests.Cluster.Kit;

/// <summary>
/// A client of a run as an application writes it with the official SignalR client alone: it comes back, and joins where it was.
/// </summary>
internal sealed class Follower : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        TypeInfoResolver = JsonTypeInfoResolver.Combine(CollabJson.Default, new DefaultJsonTypeInfoResolver()),
    };

    private readonly HubConnection _connection;
    private readonly Lock _gate = new();

    /// <summary>What comes before the answer to a join: it belongs after it.</summary>
    private readonly List<CollaborationEvent> _early = [];
    private bool _isJoining = true;

    private Follower(HubConnection connection, Track track)
    {
        (_connection, Track) = (connection, track);
        connection.On<Guid, CollaborationEvent[]>(nameof(ICollaborationClient.ReceiveEvents), (_, events) => Take(events));
        connection.Reconnecting += Leaving;
        connection.Reconnected += _ => JoinAsync();
    }

    public Track Track { get; }

    /// <summary>How often it came back.</summary>
    public int Returns { get; private set; }

    /// <summary>Connects and joins.</summary>
    /// <param name="address">A server, or what stands in front of several.</param>
    /// <param name="user">Whose connection it is.</param>
    /// <param name="runId">The run.</param>
    public static async Task<Follower> StartAsync(Uri address, string user, Guid runId)
    {
        var builder = new HubConnectionBuilder().WithUrl(HubClient.HubOf(address), HttpTransportType.WebSockets, http =>
        {
            http.SkipNegotiation = true;
            http.AccessTokenProvider = () => Task.FromResult<string?>(TestTokens.Create(user));
        });
        builder.WithAutomaticReconnect(new Soon()).AddJsonProtocol(protocol => protocol.PayloadSerializerOptions = Json);
        var follower = new Follower(builder.Build(), new(runId, user));
        await follower._connection.StartAsync().WaitAsync(Patience.Process);
        await follower.JoinAsync().WaitAsync(Patience.Process);
        return follower;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private Task Leaving(Exception? reason)
    {
        Returns++;
        lock (_gate)
        {
            _isJoining = true;
            _early.Clear();
        }
        return Task.CompletedTask;
    }

    private async Task JoinAsync()
    {
        // Of two joins on one connection the later answer would repeat what came live after the first: one that waits ends with its connection.
        for (var returns = Returns; returns == Returns && _connection.State == HubConnectionState.Connected;)
        {
            try
            {
                Joined(await _connection.InvokeAsync<JoinResult>(nameof(ICollaborationHub.JoinRun), Track.RunId, (long?)Track.Last));
                return;
            }
            catch (HubException)
            {
                // The server is about to send it away, or cannot reach its store.
                await Task.Delay(100);
            }
            catch (Exception e) when (e is InvalidOperationException or OperationCanceledException or IOException)
            {
                // The connection is gone again; the next one joins.
                return;
            }
        }
    }

    private void Joined(JoinResult answer)
    {
        lock (_gate)
        {
            Track.Joined(answer);
            Track.Take(_early);
            _early.Clear();
            _isJoining = false;
        }
    }

    private void Take(CollaborationEvent[] events)
    {
        lock (_gate)
        {
            if (_isJoining) _early.AddRange(events);
            else Track.Take(events);
        }
    }

    /// <summary>Each client after a short time of its own, and as often as it takes.</summary>
    private sealed class Soon : IRetryPolicy
    {
        public TimeSpan? NextRetryDelay(RetryContext retryContext) => TimeSpan.FromMilliseconds(Random.Shared.Next(50, 500));
    }
}
