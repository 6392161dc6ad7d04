namespace Collab.AspNetCore.Administration;

/// <summary>What servers ask each other for administrators.</summary>
internal static class Asked
{
    public const string Vitals = "vitals";
    public const string Overview = "overview";
    public const string RunConnections = "run-connections";
    public const string Sessions = "sessions";
    public const string Session = "session";
    public const string Flight = "flight";
    public const string Health = "health";
    public const string History = "history";
    public const string CleanUp = "clean-up";
    public const string End = "end";
}
