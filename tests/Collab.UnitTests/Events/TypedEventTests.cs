using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Collab.AspNetCore;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Collab.UnitTests.Kit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace Collab.UnitTests.Events;

/// <summary>Types of events that an application adds: what their data must be, and that each has a name of its own.</summary>
public sealed class TypedEventTests
{
    private readonly EventTypeTable _types = Some.Types(add => add.AddEvent<Finished>("FINISHED").AddEphemeralEvent<Typing>("TYPING"));

    [Fact]
    public void A_type_is_found_by_its_name_and_by_the_type_of_its_data()
    {
        Assert.Equal((true, false), (_types.ForClient("FINISHED").IsCritical, _types.ForClient("TYPING").IsCritical));
        Assert.Equal(["FINISHED", "TYPING", "GRAFT", "PRUNE", "FLAG"], new[] { typeof(Finished), typeof(Typing), typeof(Graft), typeof(Prune), typeof(Flag) }
            .Select(type => _types.ForData(type)?.Name));
        Assert.Null(_types.ForData(typeof(string)));
    }

    [Theory]
    [InlineData("""{"stepId":"PM","duration":5}""")]
    [InlineData("""{"stepId":"PM","duration":5,"more":{"than":["is","known"]}}""")]
    [InlineData("""{"stepId":"PM","duration":5,"outcome":"Failed","at":"2026-11-29T10:00:00Z","parts":[{"name":"a","weight":0.5}],"byName":{"x":{"name":"b"}}}""")]
    [InlineData("""{"stepId":"PM","duration":5,"parts":null}""")]
    public void Data_that_fits_is_taken_as_it_came(string json) => Assert.Null(ProblemOf("FINISHED", json));

    [Theory]
    [InlineData("""{"stepId":"PM"}""", "$.duration is missing.")]
    [InlineData("""{"stepId":"PM","Duration":5}""", "$.duration is missing.")]
    [InlineData("""{"stepId":"PM","duration":"long"}""", "$.duration must be a whole number in range.")]
    [InlineData("""{"stepId":"PM","duration":"5"}""", "$.duration must be a whole number in range.")]
    [InlineData("""{"stepId":"PM","duration":5000000000}""", "$.duration must be a whole number in range.")]
    [InlineData("""{"stepId":null,"duration":5}""", "$.stepId must be a string.")]
    [InlineData("""{"stepId":"PM","duration":5,"outcome":"Vanished"}""", "$.outcome must be one of Succeeded, Failed.")]
    [InlineData("""{"stepId":"PM","duration":5,"at":"yesterday"}""", "$.at must be a date and time as in ISO 8601.")]
    [InlineData("""{"stepId":"PM","duration":5,"parts":[{"name":"a"},{"weight":1}]}""", "$.parts[1].name is missing.")]
    [InlineData("""{"stepId":"PM","duration":5,"parts":[{"name":"a","weight":"heavy"}]}""", "$.parts[0].weight must be a number.")]
    [InlineData("""{"stepId":"PM","duration":5,"parts":{}}""", "$.parts must be a list.")]
    [InlineData("""{"stepId":"PM","duration":5,"byName":{"a b":{"name":7}}}""", "$.byName['a b'].name must be a string.")]
    [InlineData("""{"stepId":"PM","duration":5,"byName":[]}""", "$.byName must be an object.")]
    [InlineData("""{"stepId":"PM","duration":-1}""", "$.duration: The field duration must be between 0 and 3600.")]
    [InlineData("""{"stepId":"","duration":5}""", "$.stepId: The stepId field is required.")]
    [InlineData("""{"stepId":"PM","duration":5,"parts":[{"name":"a"},{"name":"much too long"}]}""", "$.parts[1].name: too long")]
    [InlineData("""{"stepId":"PM","duration":5,"byName":{"a b":{"name":"much too long"}}}""", "$.byName['a b'].name: too long")]
    [InlineData("""{"stepId":"PM","duration":5,"parts":[{"name":"a","inner":{"name":"much too long"}}]}""", "$.parts[0].inner.name: too long")]
    [InlineData("""{"stepId":"PM","duration":13}""", "$: thirteen is no duration")]
    public void Data_that_does_not_fit_is_refused_with_its_place(string json, string problem) => Assert.Equal($"FINISHED: {problem}", ProblemOf("FINISHED", json));

    [Fact]
    public void A_long_key_of_the_client_does_not_come_back_whole()
    {
        var problem = ProblemOf("FINISHED", $$$"""{"stepId":"PM","duration":5,"byName":{"{{{new string('k', 10_000)}}}":7}}""")!;

        Assert.InRange(problem.Length, 100, 300);
    }

    [Fact]
    public void What_a_constructor_does_not_take_is_an_invalid_event() => Assert.Equal("TYPING: $ cannot become a Typing.", ProblemOf("TYPING", """{"keys":0}"""));

    [Theory]
    [InlineData("GRAFT", """{"after":"PM"}""", "GRAFT: $.agentName must be a string that is not empty.")]
    [InlineData("PRUNE", """{"stepId":"PM","isPruned":0}""", "PRUNE: $.isPruned must be true or false.")]
    [InlineData("FLAG", """{"stepId":"PM","note":7}""", "FLAG: $.note must be a string, null or absent.")]
    public void The_built_in_types_name_the_place_too(string type, string json, string problem) => Assert.Equal(problem, ProblemOf(type, json));

    [Theory]
    [InlineData("GRAFT", """{"after":"PM","agentName":"x","more":1}""")]
    [InlineData("GRAFT", """{"after":"","agentName":"x"}""")]
    [InlineData("GRAFT", """{"after":"PM"}""")]
    [InlineData("PRUNE", """{"stepId":"PM","isPruned":null}""")]
    [InlineData("PRUNE", """{"stepId":"PM","isPruned":false}""")]
    [InlineData("FLAG", """{"stepId":"PM"}""")]
    [InlineData("FLAG", """{"stepId":"PM","note":{}}""")]
    [InlineData("FLAG", """{"stepId":7}""")]
    public void The_fast_check_of_a_built_in_type_agrees_with_its_data_type(string type, string json)
    {
        var known = _types.ForClient(type);

        Assert.Equal(known.Data!.Check(Encoding.UTF8.GetBytes(json)) is null, known.Check!(Encoding.UTF8.GetBytes(json)) is null);
    }

    [Fact]
    public void An_application_checks_by_hand_as_the_built_in_types_do()
    {
        var types = Some.Types(add => add.AddEvent<Finished>("FINISHED", o => o.Check = data => data.Length > 10 ? "$ is too long." : null));

        Assert.Equal("FINISHED: $ is too long.", ProblemOf("FINISHED", """{"long":"enough"}""", types));
        Assert.Null(ProblemOf("FINISHED", "{}", types));
    }

    [Fact]
    public void Data_is_read_as_its_own_JSON_options_say()
    {
        var lenient = new JsonSerializerOptions(JsonSerializerDefaults.Web) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };
        var types = Some.Types(add => add.AddEvent<Part>("PART", o => o.Json = (JsonTypeInfo<Part>)lenient.GetTypeInfo(typeof(Part))));

        Assert.Null(ProblemOf("PART", """{"NAME":"a","weight":"1"}""", types));
        Assert.Equal("PART: $.name: too long", ProblemOf("PART", """{"NAME":"much too long"}""", types));
    }

    [Fact]
    public void A_type_that_no_JSON_can_become_stops_the_start() =>
        Assert.Throws<NotSupportedException>(() => Some.Types(add => add.AddEvent<Impossible>("IMPOSSIBLE")));

    [Fact]
    public void Names_that_clash_stop_the_start_with_a_sentence_each()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new("Collab:Events:TYPING", "Critical"), new("Collab:Events:NOTE:LatestBy", "")]).Build());
        services.AddLogging().AddCollab()
            .AddEvent<Finished>("FINISHED").AddEvent<Finished>("DONE")
            .AddEphemeralEvent<Typing>("TYPING")
            .AddEvent<Part>("GRAFT").AddEvent<Refused>("lower", o => o.LatestBy = "Name")
            .AddState("grafts", 0, (count, _) => count).AddState("Mine", 0, (count, _) => count).AddState("own", 0, (count, _) => count).AddState("own", 0, (count, _) => count);

        var error = Assert.Throws<OptionsValidationException>(() => services.BuildServiceProvider().GetRequiredService<IOptions<CollabOptions>>().Value);

        string[] expected = ["'lower' is no name", "GRAFT is there twice, or built in", "Collab:Events:TYPING: is a type that the application adds", "Finished is the data of FINISHED and DONE",
            "LatestBy 'Name', and Refused has no such field", "'grafts' is a part of every state", "'Mine' is no name for a state", "'own' is there twice", "LatestBy: is only for events that are stored", "LatestBy: must name a field"];
        Assert.All(expected, sentence => Assert.Contains(error.Failures, f => f.Contains(sentence, StringComparison.Ordinal)));
        Assert.Equal(expected.Length, error.Failures.Count());
    }

    private string? ProblemOf(string type, string json, EventTypeTable? types = null)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        reader.Read();
        var data = EventDataReader.Read(ref reader);
        var refusal = Record.Exception(() => data.Check((types ?? _types).ForClient(type), maxBytes: 0));
        Assert.Equal(json, Encoding.UTF8.GetString(data.Json));
        return refusal is null ? null : Assert.IsType<RefusedException>(refusal).Detail;
    }

    private sealed record Finished(
        [Required] string StepId, [property: Range(0, 3600)] int Duration, Outcome Outcome = Outcome.Succeeded, DateTimeOffset? At = null,
        IReadOnlyList<Part>? Parts = null, IReadOnlyDictionary<string, Part>? ByName = null) : IValidatableObject
    {
        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => Duration == 13 ? [new("thirteen is no duration")] : [];
    }

    private sealed record Part([StringLength(5, ErrorMessage = "too long")] string Name, double Weight = 1, Part? Inner = null);

    private sealed record Refused(string Name);

    private sealed class Typing(int keys)
    {
        public int Keys { get; } = keys > 0 ? keys : throw new ArgumentOutOfRangeException(nameof(keys));
    }

    private sealed class Impossible(int x)
    {
        public Impossible(string y)
            : this(y.Length)
        {
        }

        public int X => x;
    }

    [JsonConverter(typeof(JsonStringEnumConverter<Outcome>))]
    private enum Outcome
    {
        Succeeded,
        Failed,
    }
}
