using Collab.Hostile;

// `dotnet run --project tests/Collab.Hostile -- run --count 1000`
return await Commands.All().Parse(args).InvokeAsync();
