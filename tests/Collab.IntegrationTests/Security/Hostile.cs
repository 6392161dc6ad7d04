namespace Collab.IntegrationTests.Security;

/// <summary>What no honest client sends, and short names for what is long.</summary>
internal static class Hostile
{
    /// <summary>Data that no store can hold, or no client read, each a JSON value for an event that would be valid without it.</summary>
    public static readonly string[] Unstorable =
    [
        """{"after":"A","agentName":"x","deep":50-LEVELS}""",
        """{"after":"A","agentName":"x","note":"a\u0000b"}""",
        """{"after":"A\u0000","agentName":"x"}""",
        """{"after":"A","agentName":"x","a\u0000b":1}""",
        """{"after":"A","agentName":"x","deep":[{"list":["\u0000"]}]}""",
        """{"after":"A","agentName":"\ud800"}""",
        """{"after":"A","agentName":"x","note":"\udc00\ud800"}""",
        """{"after":"A","agentName":"x","\ud83d":1}""",
        """{"after":"A","agentName":"x","n":1e999}""",
        """{"after":"A","agentName":"x","n":-1e999}""",
        """{"after":"A","agentName":"x","n":1e-99999}""",
        """{"after":"A","agentName":"x","n":1E+99999999999999999999}""",
        """{"after":"A","agentName":"x","n":1e-2147483648}""",
        """{"after":"A","agentName":"x","n":400-DIGITS}""",
        """{"after":"A","agentName":"x","n":0.400-DIGITS}""",
    ];

    /// <summary>Data that is not what a type requires.</summary>
    public static readonly (string Type, string Data)[] Incomplete =
    [
        ("GRAFT", """{}"""),
        ("GRAFT", """{"after":"A"}"""),
        ("GRAFT", """{"agentName":"x"}"""),
        ("GRAFT", """{"after":"","agentName":"x"}"""),
        ("GRAFT", """{"after":"A","agentName":""}"""),
        ("GRAFT", """{"after":null,"agentName":"x"}"""),
        ("GRAFT", """{"after":5,"agentName":"x"}"""),
        ("GRAFT", """{"after":["A"],"agentName":"x"}"""),
        ("GRAFT", """{"after":{"after":"A"},"agentName":"x"}"""),
        ("GRAFT", """{"After":"A","AgentName":"x"}"""),
        ("GRAFT", """{"after":"A","agentName":"x","agentName":7}"""),
        ("GRAFT", "[]"),
        ("GRAFT", "\"data\""),
        ("GRAFT", "17"),
        ("GRAFT", "true"),
        ("GRAFT", "null"),
        ("PRUNE", """{"isPruned":true}"""),
        ("PRUNE", """{"stepId":"A"}"""),
        ("PRUNE", """{"stepId":"A","isPruned":"true"}"""),
        ("PRUNE", """{"stepId":"A","isPruned":1}"""),
        ("PRUNE", """{"stepId":"A","isPruned":null}"""),
        ("PRUNE", """{"stepId":"","isPruned":true}"""),
        ("FLAG", """{}"""),
        ("FLAG", """{"stepId":true}"""),
        ("FLAG", """{"stepId":"A","note":5}"""),
        ("FLAG", """{"stepId":"A","note":["x"]}"""),
        ("CURSOR_MOVE", """{"nodeId":5}"""),
        ("CURSOR_MOVE", """{"nodeId":{}}"""),
        ("CURSOR_MOVE", """[]"""),
        ("COMMENT", "[1]"),
        ("COMMENT", "\"x\""),
        ("TYPING", "3"),
        ("USER_JOIN", """{"activeUserCount":1}"""),
        ("USER_LEAVE", """{"activeUserCount":1}"""),
        ("NOPE", "{}"),
        ("graft", """{"after":"A","agentName":"x"}"""),
        ("", "{}"),
    ];

    /// <summary>Message ids that are not UUIDs, each as JSON.</summary>
    public static readonly string[] MessageIds =
        ["\"\"", "\"1\"", "\"+198c0de-0000-7000-8000-000000000001\"", "\" 0198c0de-0000-7000-8000-000000000001\"", "\"0198c0de00007000800000000000000\"", "\"{0198c0de-0000-7000-8000-000000000001}\"", "5", "true", "{}", "\"\\ud800\""];

    /// <summary>Run ids that are none.</summary>
    public static readonly string[] RunIds = ["1", "not-a-guid", "550e8400e29b41d4a716446655440000", "550e8400-e29b-41d4-a716-44665544000Z", "*",
        "+50e8400-e29b-41d4-a716-446655440000", "0x0e8400-e29b-41d4-a716-446655440000"];

    /// <summary>The text with its short names replaced.</summary>
    public static string Spell(string text, Guid runId = default) => text
        .Replace("400-DIGITS", new string('7', 400), StringComparison.Ordinal)
        .Replace("50-LEVELS", Nested(50), StringComparison.Ordinal)
        .Replace("RUN", runId.ToString(), StringComparison.Ordinal);

    /// <summary>An array inside an array, and so on.</summary>
    public static string Nested(int depth) => new string('[', depth) + new string(']', depth);
}
