using Collab.Histories;

// `dotnet run --project tests/Collab.Histories -- run --seed 1 --count 10`
return await Commands.All().Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromMinutes(3) });
