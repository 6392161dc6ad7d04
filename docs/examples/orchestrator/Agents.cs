using Microsoft.Extensions.Options;

namespace Orchestrator;

/// <summary>How long things take. Section <c>Orchestrator</c> of the configuration.</summary>
internal sealed class EngineOptions
{
    /// <summary>What an agent takes for a step, in seconds. Default: 5.</summary>
    public double StepSeconds { get; set; } = 5;

    /// <summary>How long a flagged step is held for review at most, in seconds. Default: 60.</summary>
    public double ReviewSeconds { get; set; } = 60;
}

/// <summary>Stands for models: each step takes its time, and something comes of it.</summary>
internal sealed class Agents(IOptions<EngineOptions> options, TimeProvider time)
{
    public async Task<string> WorkAsync(string step, CancellationToken stop)
    {
        await Task.Delay(TimeSpan.FromSeconds(options.Value.StepSeconds), time, stop);
        return $"{step} has nothing to object.";
    }
}
