namespace Gateway.Engine;

/// <summary>An Echo as the planner sees it: configuration first, then what is observed, then the catalogue.</summary>
internal sealed class EchoView(string id, ConfiguredEcho? configured, ObservedEcho? observed, Catalogue catalogue)
{
    private EchoMatch? _match;
    private bool _matched;

    public string Id => id;
    public string Name { get; } = Names.Cut(configured?.Name is { Length: > 0 } name ? name : id);
    public string? Model => configured?.Model;
    public IReadOnlyList<AudioOutput>? StatedOutputs => configured?.Outputs;
    public SecondLinkPolicy? Policy => configured?.OnSecondLink;
    public Fact<bool> Online => observed?.Online ?? default;
    public Fact<string> Firmware => observed?.Firmware ?? default;
    public Fact<IReadOnlyList<string>> PairedOn => observed?.PairedOn ?? default;
    public Fact<EchoLink?> Link => observed?.Link ?? default;
    public Fact<string?> WifiGroup => observed?.WifiGroup ?? default;
    public Fact<AudioOutput> AudioOutput => observed?.AudioOutput ?? default;
    public Fact<bool> AudioOutputSettable => observed?.AudioOutputSettable ?? default;
    public string? Account => Stated(configured?.Account) ?? Known(observed?.Account ?? default);
    public string? Network => Stated(configured?.Network) ?? Known(observed?.Network ?? default);

    public EchoMatch? Match
    {
        get
        {
            if (!_matched) _match = CatalogueMatch.Echo(catalogue, Model);
            _matched = true;
            return _match;
        }
    }

    /// <summary>G1: an Echo may join unless the user, its own flag or the catalogue says no.</summary>
    public Tristate AlexaGroup =>
        configured?.AlexaGroup is Tristate.Yes or Tristate.No ? configured.AlexaGroup
        : observed?.AlexaGroup is Tristate.Yes or Tristate.No ? observed.AlexaGroup
        : Match is { Model.MultiRoom: false } ? Tristate.No
        : Tristate.Yes;

    private static string? Stated(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string? Known(Fact<string> fact) => fact.IsKnown ? Stated(fact.Value) : null;
}
