using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Native.Pulse;
using Gateway.Timing;

namespace Gateway.PulseAudio;

/// <summary>
/// What the sound server hears: any of its sources by name (line-in), whoever has Bluetooth's sound; and, where the server has that, the Echos and phones that play to us,
/// found by their address.
/// </summary>
internal sealed class PulseSources : ISourceProvider
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private readonly PulseLink _link;
    private readonly IBluetooth _bluetooth;
    private readonly TimeProvider _time;
    private IReadOnlyList<SourceOffer> _offers = [];

    public PulseSources(PulseLink link, IBluetooth bluetooth, TimeProvider time)
    {
        (_link, _bluetooth, _time) = (link, bluetooth, time);
        link.Looked += Look;
    }

    public event Action? Changed;

    /// <summary>Sockets and microphones; a Bluetooth device is known by itself.</summary>
    public IReadOnlyList<SourceOffer> Offers => Volatile.Read(ref _offers);

    /// <summary>Where the gateway has Bluetooth's sound itself, its own endpoints take Echos and phones.</summary>
    public bool Takes(SourceRef source) => source.Kind == SourceKind.LineIn || (BluetoothLinks.Carries(source) && _bluetooth.Current.OwnsAudio == false);

    public Task<IAudioInput> OpenAsync(SourceOpening opening, CancellationToken cancellationToken) =>
        opening.Source.Kind == SourceKind.LineIn ? OpenLineInAsync(opening, cancellationToken) : OpenDeviceAsync(opening, cancellationToken);

    private async Task<IAudioInput> OpenLineInAsync(SourceOpening opening, CancellationToken cancellationToken)
    {
        if (opening.Source.WhyUnclear is { } unclear) throw new PortException(PortError.UnknownDevice, unclear.Text, unclear.Remedy);
        var name = opening.Source.Argument;
        _link.Want();
        await WaitAsync(view => view.IsKnown, cancellationToken);
        return _link.Open((session, view) =>
        {
            var source = view.Sources.FirstOrDefault(s => s.Name == name) ?? throw PulseTexts.NoLineIn(name!, Named(view));
            return new PulseInput(session.Record(source.Name, $"Sound for {opening.Listener}"), source, device: null);
        });
    }

    private async Task<IAudioInput> OpenDeviceAsync(SourceOpening opening, CancellationToken cancellationToken)
    {
        var (_, device) = BluetoothLinks.Read(opening.NeedLink());
        await WaitAsync(view => SourceOf(view, device) is not null, cancellationToken);
        return _link.Open((session, view) =>
        {
            var source = SourceOf(view, device) ?? throw PulseTexts.NoSource(opening.Name, isTelephone: view.Sources.Any(s => s.Address == device.Text));
            return new PulseInput(session.Record(source.Name, $"Sound of {opening.Name}"), source, opening.Name);
        });
    }

    /// <summary>For a moment; a server that cannot be had is not waited for.</summary>
    private async Task WaitAsync(Func<PulseView, bool> isThere, CancellationToken cancellationToken)
    {
        for (var limit = _time.Now() + PulseLink.Coming; !isThere(_link.Current) && _link.Current.Failure is null && _time.Now() < limit;) await Task.Delay(s_look, _time, cancellationToken);
    }

    private void Look()
    {
        IReadOnlyList<SourceOffer> offers = [.. Named(_link.Current).Select(s => new SourceOffer(new SourceRef(SourceKind.LineIn, s.Name), $"Line in: {s.Description}"))];
        if (offers.SequenceEqual(Interlocked.Exchange(ref _offers, offers))) return;
        Changed?.Invoke();
    }

    private static IEnumerable<PulseSource> Named(PulseView view) => view.Sources.Where(s => s.Address is null).OrderBy(s => s.Name, StringComparer.Ordinal);

    private static PulseSource? SourceOf(PulseView view, BluetoothAddress device) => view.Sources.FirstOrDefault(s => s.Address == device.Text && !s.IsTelephony);
}
