namespace Gateway.Engine;

/// <summary>What has its words in configurations, commands and plans, whether or not it is built.</summary>
public enum Feature
{
    LineIn,
    Snapcast,
    NetworkStreams,
    Pipes,
    AirPlay,
    TransmitterFeed,
    Broadcast,
    Announcements,
    StatusPage,
    HomeAssistantApi,
    AlexaApi,
}

/// <summary>
/// What a version of the program can do. The one place: whoever is asked for the rest refuses it with the sentence from here, at once and not when it
/// is too late. Who builds a feature adds it to <see cref="ThisVersion"/>, and it is taken everywhere.
/// </summary>
public sealed class Abilities
{
    /// <summary>The pipe that is built in: it plays by itself, and needs no feature.</summary>
    public const string TestSignal = "test-signal";

    private static readonly Dictionary<Feature, string> s_notYet = new()
    {
        [Feature.LineIn] = "Sound from a line-in cannot be taken yet: it is not in this version.",
        [Feature.Snapcast] = "Sound from Snapcast cannot be taken yet: it is not in this version.",
        [Feature.NetworkStreams] = "Streams from the network cannot be played yet: they are not in this version.",
        [Feature.Pipes] = $"Of the pipes only pipe:{TestSignal} can be played yet: others are not in this version.",
        [Feature.AirPlay] = "AirPlay speakers cannot be played to yet: they are not in this version.",
        [Feature.TransmitterFeed] = "The gateway cannot feed a transmitter yet, neither from this machine nor through an Echo: that is not in this version.",
        [Feature.Broadcast] = "LE Audio broadcast cannot be sent yet: it is not in this version.",
        [Feature.Announcements] = "Announcements cannot be played yet: they are not in this version.",
        [Feature.StatusPage] = "There is no status page yet: it is not in this version.",
        [Feature.HomeAssistantApi] = "Echos cannot be controlled through Home Assistant yet: that is not in this version.",
        [Feature.AlexaApi] = "Echos cannot be controlled through the Alexa web API yet: that is not in this version.",
    };

    private readonly HashSet<Feature> _built;

    private Abilities(params IEnumerable<Feature> built) => _built = [.. built];

    /// <summary>What works today.</summary>
    public static Abilities ThisVersion { get; } = new(Feature.LineIn, Feature.AlexaApi);

    /// <summary>All that the planner knows of: its rules are older than the features that they judge.</summary>
    public static Abilities Everything { get; } = new(Enum.GetValues<Feature>());

    /// <summary>Why not, as a sentence for people; null: it works.</summary>
    public string? WhyNot(Feature feature) => _built.Contains(feature) ? null : s_notYet[feature];

    /// <inheritdoc cref="WhyNot(Feature)"/>
    public string? WhyNot(SourceRef source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return NeededBy(source) is { } feature ? WhyNot(feature) : null;
    }

    public bool Has(Feature feature) => _built.Contains(feature);

    /// <summary>The forms of a source that works, for messages.</summary>
    public string SourceForms
    {
        get
        {
            List<string> forms = ["alexa", "echo:<id or name>", "phone:<address>"];
            if (Has(Feature.LineIn)) forms.Add("line-in:<source>");
            if (Has(Feature.Snapcast)) forms.Add("snapcast[:stream]");
            if (Has(Feature.NetworkStreams)) forms.Add("url:<u>");
            forms.Add("file:<path>");
            return $"{string.Join(", ", forms)} or pipe:{(Has(Feature.Pipes) ? "<name>" : TestSignal)}";
        }
    }

    private static Feature? NeededBy(SourceRef source) => source switch
    {
        { Kind: SourceKind.LineIn } => Feature.LineIn,
        { Kind: SourceKind.Snapcast } => Feature.Snapcast,
        { Kind: SourceKind.Url } => Feature.NetworkStreams,
        { Kind: SourceKind.Pipe, Argument: not TestSignal } => Feature.Pipes,
        _ => null,
    };
}
