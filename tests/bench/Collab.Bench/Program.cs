using Collab.Bench;

switch (args)
{
    case ["append"]:
        await AppendBench.RunAsync();
        return 0;
    default:
        Console.Error.WriteLine("Usage: dotnet run -c Release --project tests/bench/Collab.Bench -- append");
        return 2;
}
