using System.Text.Json.Nodes;
using Collab.Client;
using Collab.ClientTests.Kit;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.AspNetCore.SignalR;
using Xunit;

namespace Collab.ClientTests.Units;

/// <summary>What became of a connection, with its cause: the cases that every client tells alike.</summary>
public sealed class FlightTests
{
    private static readonly JsonArray Cases = JsonNode.Parse(
        File.ReadAllText(Path.Combine(Repository.Root, "tests", "conformance", "flight", "cases.json")))!.AsArray();

    public static TheoryData<string> Names => [.. Cases.Select(one => (string)one!["name"]!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_step_has_the_cause_that_can_be_told(string name)
    {
        var one = Cases.Single(c => (string)c!["name"]! == name)!;
        var time = new SteppedTime(new Pump());
        var recorder = new FlightRecorder("tab", time);

        foreach (var deed in one["do"]!.AsArray()) Act(deed!.AsObject(), recorder, time);

        var expected = one["expect"]!.AsArray().Select(e => ((string)e![0]!, (string?)e[1], (int)e[2]!));
        Assert.Equal(expected, recorder.Flight.Entries.Select(e => (e.Step.ToString().ToLowerInvariant(), e.Cause, e.Times)));
    }

    [Fact]
    public void The_last_100_steps_are_kept()
    {
        var recorder = new FlightRecorder("tab", new SteppedTime(new Pump()));
        for (var i = 0; i < 101; i++) recorder.Add(ConnectionStep.Failed, $"Attempt {i}.");

        Assert.Equal((100, "Attempt 1.", "Attempt 100.", "tab"), (recorder.Flight.Entries.Count, recorder.Flight.Entries[0].Cause, recorder.Flight.Entries[^1].Cause, recorder.Flight.TraceId));
    }

    [Fact]
    public void A_connection_that_is_lost_and_polls_tells_so_under_the_id_that_the_server_knows() => OfflineClient.Run(
        client =>
        {
            client.Connection.Connect();
            client.Pump.Settle();
            Assert.Contains($"clientId={client.Connection.Flight.TraceId}", client.Server.HubAddress!.Query, StringComparison.Ordinal);
            client.Server.Take(r => r.Name == "open")!.Reject(new IOException("No route."));
            client.Pump.Settle();
            client.Server.Take(r => r.Name == "poll")!.Reject(new NoAnswerException("A proxy's word."));
            client.Pump.Settle();

            Assert.Equal(
                [
                    (ConnectionStep.Connecting, null), (ConnectionStep.Failed, "No connection came about: No route."),
                    (ConnectionStep.Polling, null), (ConnectionStep.Unreachable, (string?)"A proxy's word."),
                ],
                client.Connection.Flight.Entries.Select(e => (e.Step, e.Cause)));
        },
        new CollabClientOptions { FallbackAfter = 1 });

    private static void Act(JsonObject deed, FlightRecorder recorder, SteppedTime time)
    {
        var isOnline = (bool?)deed["online"] ?? true;
        if (deed["add"] is { } step) recorder.Add(Enum.Parse<ConnectionStep>((string)step!, ignoreCase: true));
        if (deed.ContainsKey("connected")) recorder.Connected(isRenewed: false);
        if (deed["advance"] is { } ms) time.Advance(TimeSpan.FromMilliseconds((int)ms));
        if (deed.ContainsKey("heard")) recorder.Heard();
        if (deed.ContainsKey("ran")) recorder.Ran();
        if (deed["lost"] is { } lost) recorder.Lost(ErrorOf(lost), isOnline);
        if (deed["failed"] is { } failed) recorder.Failed(ConnectionStep.Failed, ErrorOf(failed), isOnline);
    }

    private static Exception? ErrorOf(JsonNode failure)
    {
        var message = (string?)failure["message"] ?? "";
        if ((string?)failure["ended"] is { } ended) return Refusal.OfClose(new HubException($"[{ended}] {message}"), allowReconnect: true);
        if ((string?)failure["refused"] is { } refused && CollabErrorCodes.TryParse(refused, out var code)) return new CollabException(code, message);
        if ((string?)failure["noAnswer"] is { } none) return new NoAnswerException(none);
        return (bool?)failure["silent"] == true ? new TimeoutException("Server timeout elapsed without receiving a message from the server.") : null;
    }
}
