using Collab.Bench;

// The generator's sockets complete where they are polled: fewer threads, less CPU beside the servers that it measures.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");

switch (args)
{
    case ["append"]:
        await AppendBench.RunAsync();
        return 0;
    case ["one", var server, var scenario]:
        await Comparison.OneAsync(server, scenario);
        return 0;
    default:
        Console.Error.WriteLine("Usage: dotnet run -c Release --project tests/bench/Collab.Bench -- append | one SERVER SCENARIO");
        return 2;
}
