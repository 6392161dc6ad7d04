using Collab.Bench;
using Collab.Bench.Cluster;
using Collab.Bench.Endurance;

switch (args)
{
    case ["append"]:
        await AppendBench.RunAsync();
        return 0;
    case ["signing"]:
        await SigningBench.RunAsync();
        return 0;
    case ["inprocess", .. var rounds]:
        await InProcessBench.RunAsync(rounds is [var text] && int.TryParse(text, out var times) && times > 0 ? times : 1);
        return 0;
    case ["outbox", .. var passes]:
        await OutboxBench.RunAsync(passes is [var pass] && int.TryParse(pass, out var many) && many > 0 ? many : 1);
        return 0;
    case ["cluster", .. var rounds]:
        await ClusterBench.RunAsync(rounds is [var number] && int.TryParse(number, out var often) && often > 0 ? often : 1);
        return 0;
    case ["cluster-peers"]:
        await ClusterPeersBench.RunAsync(rounds: 1, only: []);
        return 0;
    case ["cluster-peers", var rounds, .. var pairs] when int.TryParse(rounds, out var count) && count > 0:
        await ClusterPeersBench.RunAsync(count, pairs);
        return 0;
    case ["one", var server, var scenario]:
        await Comparison.OneAsync(server, scenario);
        return 0;
    case ["builds", var before, var after]:
        await Builds.RunAsync(before, after, rounds: 3, only: []);
        return 0;
    case ["builds", var before, var after, var rounds, .. var only] when int.TryParse(rounds, out var count) && count > 0:
        await Builds.RunAsync(before, after, count, only);
        return 0;
    case ["overload", .. var length]:
        await Overload.RunAsync(TimeSpan.FromSeconds(length is [var seconds] && int.TryParse(seconds, out var lasting) && lasting > 0 ? lasting : 60));
        return 0;
    case ["soak"]:
        return await Soak.RunAsync(TimeSpan.FromMinutes(30), "soak.svg", perSecond: null);
    case ["soak", var minutes, .. var file] when int.TryParse(minutes, out var span) && span > 0:
        return await Soak.RunAsync(
            TimeSpan.FromMinutes(span),
            file is [var path, ..] ? path : "soak.svg",
            file is [_, var rate] && int.TryParse(rate, out var pace) && pace > 0 ? pace : null);
    case ["seen"]:
        await SeenBench.RunAsync();
        return 0;
    case ["readers", .. var more]:
        await Readers.RunAsync(
            more is [var readOften, ..] && int.TryParse(readOften, out var turns) && turns > 0 ? turns : 3,
            more is [_, "sqlite" or "postgres"] ? more[1] : null);
        return 0;
    case ["compare", var rounds, .. var scenarios] when int.TryParse(rounds, out var count) && count > 0:
        await Comparison.RunAsync(scenarios, count, measurements => Report.WriteAsync(measurements, args));
        return 0;
    default:
        Console.Error.WriteLine(
            $"""
            Usage: dotnet run -c Release --project tests/bench/Collab.Bench -- COMMAND
              append                    durable appends per second: group commit beside one transaction per event
              signing                   what signing costs: durable appends with a key and without, by turns
              inprocess [ROUNDS]        publishes of an application inside its own process beside publishes by hub
              outbox [ROUNDS]           from an application's commit to the delivery of what it put into the outbox
              compare ROUNDS [SCENARIO …]   every scenario, or these, against the peers, by turns; writes tests/bench/RESULTS.md
              builds BEFORE AFTER [ROUNDS]  two builds of Collab.Server, each in a folder, by turns: fan-out, publishes, latency, joins
              cluster [ROUNDS]          two servers: how much later the other one's followers have an event, without a bus and with each
              cluster-peers [ROUNDS [WORD …]]  two servers each, by turns (words: pairs, or fanout, runs, latency, outage): Collab with Redis and with PostgreSQL between them beside SignalR with Redis
              readers [ROUNDS [STORE]]  a publisher's latency alone and beside readers of what is expensive, on SQLite and PostgreSQL
              seen                      1,000 followers of a run: their pings without marks of what they have seen beside pings with
              overload [SECONDS]        five times what the server can take: what it takes, how it refuses the rest, how it comes back
              soak [MINUTES [FILE [RATE]]]  half of what it can take, or so many a second, with clients that come and go: memory, handles, threads; draws a picture
              one SERVER SCENARIO       one measurement: collab, signalr, signalr-ef or socketio
            Scenarios: {string.Join(", ", Comparison.All.Select(s => s.Name))}
            """);
        return 2;
}
