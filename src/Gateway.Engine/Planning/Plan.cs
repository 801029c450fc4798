using System.Text.Json.Serialization;

namespace Gateway.Engine;

/// <summary>How a group is made to play; the order is that of preference (docs/routes.md).</summary>
[JsonConverter(typeof(RouteConverter))]
public enum Route
{
    StereoPair,
    WifiGroup,
    FanOut,
    Broadcast,
    Transmitter,
    PartyMode,
    AirPlay,
    Mixed,
    Infeasible,
}

/// <summary>How far the gateway can carry a plan out by itself.</summary>
public enum Automation
{
    [JsonStringEnumMemberName("yes")] Yes,
    [JsonStringEnumMemberName("needs_user")] NeedsUser,
    [JsonStringEnumMemberName("no")] No,
}

/// <summary>A link that the plan cuts: said before it is cut (L2, L5).</summary>
public sealed record PlanDrop(string Device, string Peer);

/// <summary>A warning or a blocker: the rule's id, the devices' ids, one sentence, one remedy.</summary>
public sealed record PlanNotice(string Rule, IReadOnlyList<string> Devices, string Text, string Remedy);

/// <summary>Something the plan had to assume, and what to ask the user.</summary>
public sealed record PlanQuestion(string Rule, IReadOnlyList<string> Devices, string Ask);

/// <summary>Another way, and what it needs.</summary>
public sealed record PlanAlternative(Route Route, string Needs);

/// <summary>The planner's answer: the object of <c>tutti plan --json</c> and of <c>tutti/response</c>.</summary>
public sealed record Plan
{
    public required bool Feasible { get; init; }
    public required Automation Automatic { get; init; }

    /// <summary>The group's id; null when single devices were asked for.</summary>
    public string? Group { get; init; }

    /// <summary>The source's written form; null: none chosen.</summary>
    public string? Source { get; init; }
    public IReadOnlyList<string> Members { get; init; } = [];
    public required Route Route { get; init; }

    /// <summary>Null: unknown, or infeasible.</summary>
    public SyncClass? ExpectedClass { get; init; }
    public IReadOnlyList<PlanStep> Steps { get; init; } = [];
    public IReadOnlyList<PlanDrop> Drops { get; init; } = [];
    public IReadOnlyList<PlanNotice> Warnings { get; init; } = [];
    public IReadOnlyList<PlanNotice> Blockers { get; init; } = [];
    public IReadOnlyList<PlanQuestion> Unknown { get; init; } = [];
    public IReadOnlyList<PlanAlternative> Alternatives { get; init; } = [];
}

/// <summary>What is to be planned.</summary>
public sealed record PlanRequest
{
    /// <summary>The group's id; null when <see cref="Members"/> were named one by one.</summary>
    public string? Group { get; init; }

    /// <summary>Ids of echoes and speakers.</summary>
    public required IReadOnlyList<string> Members { get; init; }

    /// <summary>Null: none given (domain: <c>alexa</c> on Wi-Fi routes, elsewhere asked).</summary>
    public SourceRef? Source { get; init; }

    /// <summary>The one route to try; null: the planner chooses.</summary>
    public Route? ForcedRoute { get; init; }
}

/// <summary>The JSON form of plans: snake_case, null members written, so that every member is always present.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Plan))]
public sealed partial class PlanJson : JsonSerializerContext;
