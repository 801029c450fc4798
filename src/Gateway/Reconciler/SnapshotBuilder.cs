using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;
using Gateway.Reconciler.Echoes;
using Gateway.Reconciler.Groups;
using Gateway.Reconciler.Runs;
using Gateway.Reconciler.Speakers;

namespace Gateway.Reconciler;

/// <summary>The house as it is published. Reads only.</summary>
internal sealed class SnapshotBuilder(
    LoopContext loop, ReconcilerOptions options, GroupRuns groups, EchoDocuments echoDocuments, SpeakerDocuments speakerDocuments, GroupDocuments groupDocuments)
{
    private readonly HouseView _view = loop.View;
    private readonly HashSet<string> _knownGoodTransmitters =
        [.. options.House.Transmitters.Where(t => CatalogueMatch.Transmitter(options.Catalogue, t.Model, t.Name)?.KnownGood == true).Select(t => t.Id)];

    /// <param name="storeProblem">Why nothing can be stored now; null: it can.</param>
    public HouseSnapshot Build(string? storeProblem)
    {
        var house = _view.House;
        return new HouseSnapshot
        {
            Gateway = new GatewayDocument
            {
                Id = options.Identity.Id,
                Name = options.Identity.Name,
                Version = options.Identity.Version,
                ActiveGroups = [.. groups.All.Where(g => g.IsActive).Select(g => g.Group.Id)],
                PairingMode = _view.Bluetooth.Adapters.Any(a => a.Discoverable && _view.Registry.Adapters.ContainsKey(a.Address)),
                BluetoothAudio = _view.Bluetooth.OwnsAudio switch { true => BluetoothAudioOwner.Own, false => BluetoothAudioOwner.Pulse, null => options.SoundServerHasBluetooth ? BluetoothAudioOwner.Pulse : BluetoothAudioOwner.Own },
                LastProblem = loop.Journal.LastProblem,
                Problem = _view.Bluetooth.Problem ?? _view.Bluetooth.AudioProblem ?? _view.Echo.Problem ?? storeProblem ?? AdvisedAdapter(),
                Bluez = _view.Bluetooth.Service is { } service ? new BluezDocument(service.Version, service.Faults) : null,
                A2dpSources = [.. A2dpSources()],
            },
            Echoes = [.. house.Configured.Echoes.Select(echoDocuments.Of)],
            Speakers = [.. house.Configured.Speakers.Select(speakerDocuments.Of)],
            Adapters = [.. _view.Registry.Adapters.Values.OrderBy(a => a.Address.Text, StringComparer.Ordinal).Select(AdapterDocumentOf)],
            Transmitters = [.. house.Configured.Transmitters.Select(TransmitterDocumentOf)],
            Groups = [.. groups.All.Select(groupDocuments.Of)],
            Routines = [.. house.Configured.Routines.Select(r => new RoutineDocument(r.Id, r.Name))],
        };
    }

    private string? AdvisedAdapter() => _view.Bluetooth.Adapters.FirstOrDefault(a => a.Advice is not null && _view.Registry.Adapters.ContainsKey(a.Address)) is { } adapter ? $"{adapter.Name}: {adapter.Advice}" : null;

    private IEnumerable<A2dpSourceDocument> A2dpSources() => _view.Bluetooth.Devices
        .Where(d => d.Paired && _view.Registry.Adapters.ContainsKey(d.Adapter) && (d.IsSource || _view.Registry.EchoAt(d.Address) is not null))
        .OrderBy(d => d.Address.Text, StringComparer.Ordinal).ThenBy(d => d.Adapter.Text, StringComparer.Ordinal)
        .Select(d => new A2dpSourceDocument(d.Name, d.Address, d.Adapter.Id, d.Link == RadioLink.Connected));

    private AdapterDocument AdapterDocumentOf(RadioAdapter adapter)
    {
        var configured = _view.Registry.Configured(adapter);
        return new AdapterDocument
        {
            Id = adapter.Address.Id,
            Name = adapter.Name,
            Address = adapter.Address,
            Product = adapter.Product,
            Powered = adapter.Powered,
            Discovering = adapter.Discovering,
            StreamsUsed = _view.Bluetooth.Devices.Count(d => d.Adapter == adapter.Address && d.Link == RadioLink.Connected),
            StreamsMax = options.House.Limits.StreamsOf(adapter.Address, configured?.MaxStreams, adapter.LearnedStreams),
            Role = configured?.Role ?? AdapterRole.Both,
            Available = _view.Bluetooth.Problem is null,
        };
    }

    private TransmitterDocument TransmitterDocumentOf(ConfiguredTransmitter transmitter) => new()
    {
        Id = transmitter.Id,
        Name = transmitter.Name,
        Model = transmitter.Model,
        FedBy = transmitter.FedBy,
        Output = transmitter.Output,
        Slots = [.. Enumerable.Range(0, transmitter.Slots).Select(i => transmitter.Speakers.ElementAtOrDefault(i))],
        T1Pass = _knownGoodTransmitters.Contains(transmitter.Id) ? true : null,
    };
}
