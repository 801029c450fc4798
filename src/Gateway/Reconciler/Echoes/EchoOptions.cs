using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Engine.Text;
using Gateway.House;

namespace Gateway.Reconciler.Echoes;

/// <summary>What an Echo can be linked with, and where it can play: the options that people choose from. Reads only.</summary>
internal sealed class EchoOptions(HouseView view, string gatewayName)
{
    public const string Disconnected = "Disconnected";

    public List<OptionDocument> Links(string echoId, EchoDevice? device)
    {
        var options = new List<OptionDocument> { new(Disconnected, "") };
        if (device is null) return [.. options, .. OurOptions(echoId)];
        var peers = device.Paired.Select(p => (Name: view.Registry.SpeakerAt(p.Address) is { } id ? view.NameOf(id) : p.Name, p.Address)).ToList();
        var alike = peers.CountBy(p => p.Name, NameFolding.Comparer).ToDictionary(NameFolding.Comparer);
        foreach (var (name, address) in peers.DistinctBy(p => p.Address))
        {
            var clash = alike[name] > 1 || NameFolding.Same(name, Disconnected) || NameFolding.Same(name, "None");
            options.Add(new OptionDocument(clash ? Documents.WithAddress(name, address) : name, address));
        }

        return options;
    }

    /// <summary>The gateway, once for each adapter that has a key of the Echo and may receive; that which only receives first.</summary>
    private IEnumerable<OptionDocument> OurOptions(string echoId)
    {
        var adapters = view.RadioOf(view.Registry.AddressOf(echoId)).Where(d => d.Paired).Select(d => view.Registry.Adapters[d.Adapter]).Where(a => view.Registry.Configured(a)?.Role != AdapterRole.Send)
            .OrderByDescending(a => view.Registry.Configured(a)?.Role == AdapterRole.Receive).ThenBy(a => a.Name, StringComparer.Ordinal).ToList();
        return adapters.Select(a => new OptionDocument(adapters.Count == 1 ? gatewayName : $"{gatewayName} ({a.Name})", a.Address));
    }

    /// <summary>The speaker, and the sockets that the user, or the catalogue, or nobody's certainty speaks against (T2: unknown is asked, not refused).</summary>
    public List<AudioOutput> AudioOutputs(string echoId)
    {
        var echo = view.Registry.Effective.Echoes.First(e => e.Id == echoId);
        if (echo.Outputs is { } stated) return [AudioOutput.Speaker, .. stated.Where(o => o != AudioOutput.Speaker)];
        var model = view.ModelOf(echo);
        var options = new List<AudioOutput> { AudioOutput.Speaker };
        if (MayPlayOut(model?.Jack, model)) options.Add(AudioOutput.LineOut);
        if (MayPlayOut(model?.Optical, model)) options.Add(AudioOutput.Optical);
        return options;
    }

    /// <summary>The option with this text, else the one whose text reads the same; null: none, or several.</summary>
    public static OptionDocument? Named(string text, IReadOnlyList<OptionDocument> options)
    {
        if (options.FirstOrDefault(o => o.Text == text) is { } exact) return exact;
        var alike = options.Where(o => NameFolding.Same(o.Text, text)).Take(2).ToList();
        return alike.Count == 1 ? alike[0] : null;
    }

    private static bool MayPlayOut(Socket? socket, EchoModel? model) =>
        socket is Socket.Out or Socket.InOut or Socket.Unknown or null || (socket == Socket.None && model?.JackSource == Certainty.Unknown);
}
