using Gateway.Configuration.Yaml;
using Gateway.Engine;

namespace Gateway.Configuration;

/// <summary>
/// The catalogue: <c>config/speakers.yaml</c> and <c>config/echo-models.yaml</c>, which are built into the program, and the user's own
/// <c>speakers.yaml</c> beside <c>tutti.yaml</c>, whose entries come first.
/// </summary>
public static class CatalogueLoader
{
    public const string UserFileName = "speakers.yaml";

    private static readonly string[] s_root = ["speakers", "transmitters"];

    private static readonly string[] s_speaker =
    [
        "rule", "model", "vendor", "names", "modaliases", "stability", "feasibility", "limitation", "remedy", "remedy_rating",
        "idle_power_off_minutes", "exclusive", "app_only", "party_mode", "plainest_codec_first", "airplay", "source",
    ];

    private static readonly string[] s_transmitter = ["model", "names", "known_good", "slots", "source"];
    private static readonly string[] s_echo = ["type", "model", "names_from", "jack", "optical", "certainty", "multi_room", "note"];

    private static readonly (string, Socket)[] s_sockets = [("none", Socket.None), ("out", Socket.Out), ("in", Socket.In), ("in_out", Socket.InOut), ("unknown", Socket.Unknown)];

    private static readonly (string, Certainty)[] s_certainties =
        [("verified", Certainty.Verified), ("single", Certainty.Single), ("flag", Certainty.Flag), ("unverified", Certainty.Unverified), ("unknown", Certainty.Unknown)];

    /// <summary>The built-in catalogue.</summary>
    public static Catalogue BuiltIn { get; } = LoadBuiltIn();

    /// <summary>The built-in catalogue, behind the user's own entries where the folder of <paramref name="configurationPath"/> has a <see cref="UserFileName"/>.</summary>
    public static LoadResult<Catalogue> Load(string? configurationPath)
    {
        var path = configurationPath is null ? null : Path.Combine(TextFile.FolderOf(configurationPath), UserFileName);
        if (path is null || !File.Exists(path)) return new LoadResult<Catalogue>(BuiltIn, []);
        var problems = new Problems(path);
        var text = TextFile.Read(path, problems);
        return text is null ? new LoadResult<Catalogue>(null, problems.Errors) : ParseSpeakers(text, problems);
    }

    /// <summary>A user's <c>speakers.yaml</c> merged with the built-in catalogue.</summary>
    public static LoadResult<Catalogue> ParseSpeakers(string text, string fileName) => ParseSpeakers(text, new Problems(fileName));

    private static LoadResult<Catalogue> ParseSpeakers(string text, Problems problems)
    {
        var (speakers, transmitters) = Speakers(text, problems);
        return problems.Errors is { Count: > 0 } errors
            ? new LoadResult<Catalogue>(null, errors)
            : new LoadResult<Catalogue>(new Catalogue(BuiltIn.Echoes, Merge(speakers, BuiltIn.Speakers), Merge(transmitters, BuiltIn.Transmitters)), []);
    }

    private static IReadOnlyList<T> Merge<T>(IReadOnlyList<T> own, IReadOnlyList<T> builtIn) where T : class => own.Count == 0 ? builtIn : [.. own, .. builtIn];

    private static Catalogue LoadBuiltIn()
    {
        var problems = new Problems("built-in catalogue");
        var (speakers, transmitters) = Speakers(Resource("speakers.yaml"), problems);
        var echoes = Echoes(Resource("echo-models.yaml"), problems);
        return problems.Errors is { Count: > 0 } errors
            ? throw new InvalidDataException(string.Join(Environment.NewLine, errors))
            : new Catalogue(echoes, speakers, transmitters);
    }

    private static string Resource(string name)
    {
        using var stream = typeof(CatalogueLoader).Assembly.GetManifestResourceStream($"catalogue/{name}") ?? throw new InvalidDataException($"The program lacks its resource {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static (IReadOnlyList<SpeakerModel>, IReadOnlyList<TransmitterModel>) Speakers(string text, Problems problems)
    {
        if (YamlTree.Read(text, problems) is not { } tree) return ([], []);
        var root = new MapReader(tree, "this file", s_root, problems);
        return ([.. root.Blocks("speakers", "a speaker model", s_speaker).Select(Speaker)], [.. root.Blocks("transmitters", "a transmitter model", s_transmitter).Select(Transmitter)]);
    }

    private static SpeakerModel Speaker(MapReader block)
    {
        var model = block.Required("model", "Give the model's full name, such as model: JBL Flip 6.") ?? "";
        return new SpeakerModel
        {
            Rule = block.Text("rule") ?? model,
            Model = model,
            Vendor = block.Text("vendor"),
            Names = Texts(block, "names"),
            Modaliases = Texts(block, "modaliases"),
            Stability = block.Number("stability", 0, 5),
            Feasibility = block.Text("feasibility"),
            Limitation = block.Text("limitation", max: 300),
            Remedy = block.Text("remedy", max: 300),
            RemedyRating = block.Number("remedy_rating", 0, 5),
            IdlePowerOffMinutes = block.Number("idle_power_off_minutes", 0.1, 24 * 60),
            Exclusive = block.Flag("exclusive") ?? false,
            AppOnly = block.Flag("app_only") ?? false,
            PartyMode = block.Text("party_mode"),
            PlainestCodecFirst = block.Flag("plainest_codec_first") ?? false,
            AirPlay = block.Flag("airplay"),
            Source = block.Text("source", max: 300),
        };
    }

    private static TransmitterModel Transmitter(MapReader block)
    {
        var model = block.Required("model", "Give the model's full name, such as model: Avantree Oasis Plus.") ?? "";
        var names = Texts(block, "names");
        return new TransmitterModel(model, names.Count > 0 ? names : [model], block.Flag("known_good") ?? false, block.Integer("slots", 1, 7), block.Text("source", max: 300));
    }

    private static IReadOnlyList<EchoModel> Echoes(string text, Problems problems)
    {
        if (YamlTree.Read(text, problems) is not { } tree) return [];
        return [.. new MapReader(tree, "this file", ["echoes"], problems).Blocks("echoes", "an Echo model", s_echo).Select(block => new EchoModel(
            block.Required("type", "Give Amazon's device type.") ?? "",
            block.Required("model", "Give the model's name.") ?? "",
            block.Choice("jack", s_sockets) ?? Socket.Unknown,
            block.Choice("optical", s_sockets) ?? Socket.Unknown,
            block.Choice("certainty", s_certainties) ?? Certainty.Unknown,
            block.Flag("multi_room"),
            block.Text("note", max: 300))
        {
            NamesFrom = Texts(block, "names_from"),
        })];
    }

    private static IReadOnlyList<string> Texts(MapReader block, string key) => [.. block.Scalars(key).Select(s => s.Text.Trim()).Where(t => t.Length > 0)];
}
