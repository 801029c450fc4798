namespace Gateway.Engine;

/// <summary>A speaker as the planner sees it: configuration first, then what is observed, then the catalogue.</summary>
internal sealed class SpeakerView(string id, ConfiguredSpeaker? configured, ObservedSpeaker? observed, Catalogue catalogue)
{
    private SpeakerModel? _model;
    private bool _matched;

    public string Id => id;
    public string Name { get; } = Names.Cut(configured?.Name is { Length: > 0 } name ? name : id);
    public BluetoothAddress? Address => configured?.Address;

    /// <summary>The sound server's output that it is; null: a Bluetooth speaker, which needs an adapter.</summary>
    public string? Sink => configured?.Sink;
    public bool NeedsRadio => Sink is null;
    public Fact<bool> Reachable => observed?.Reachable ?? default;
    public Fact<IReadOnlyList<string>> PairedOn => observed?.PairedOn ?? default;
    public Fact<string?> ConnectedOn => observed?.ConnectedOn ?? default;
    public Fact<bool> HeldElsewhere => observed?.HeldElsewhere ?? default;
    public bool? AirPlay => NeedsRadio ? configured?.AirPlay : false;
    public bool LeAudio => NeedsRadio && configured?.LeAudio == true;

    /// <summary>The brand's own multi-speaker mode, which begins at a Bluetooth link (S4); null: it has none.</summary>
    public string? PartyMode => NeedsRadio ? Model?.PartyMode : null;

    public SpeakerModel? Model
    {
        get
        {
            if (!_matched) _model = CatalogueMatch.Speaker(catalogue, configured?.Model, configured?.Name, configured?.Vendor, observed?.Modalias);
            _matched = true;
            return _model;
        }
    }

    /// <summary>G1: the user's word, then the live flag; a Matter mark leaves it open; otherwise Bluetooth-only.</summary>
    public Tristate AlexaGroup =>
        configured?.AlexaGroup is Tristate.Yes or Tristate.No ? configured.AlexaGroup
        : observed?.AlexaGroup is Tristate.Yes or Tristate.No ? observed.AlexaGroup
        : configured?.Matter == true || configured?.AlexaGroupOpen == true ? Tristate.Unknown
        : Tristate.No;

    /// <summary>Its vendor in one spelling, for "all one brand" (S4).</summary>
    public string? Brand => Model?.Vendor ?? configured?.Vendor;
}
