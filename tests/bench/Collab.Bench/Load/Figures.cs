namespace Collab.Bench.Load;

/// <summary>Named results of one measurement.</summary>
internal sealed class Figures : Dictionary<string, double>;
