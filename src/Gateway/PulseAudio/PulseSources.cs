using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Native.Pulse;
using Gateway.Timing;

namespace Gateway.PulseAudio;

/// <summary>Echos and phones that play to us where the sound server has Bluetooth's sound: its sources of them, found by their address.</summary>
internal sealed class PulseSources(PulseLink link, IBluetooth bluetooth, TimeProvider time) : ISourceProvider
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    /// <summary>Where the gateway has Bluetooth's sound itself, its own endpoints take them.</summary>
    public bool Takes(SourceRef source) => BluetoothLinks.Carries(source) && bluetooth.Current.OwnsAudio == false;

    public async Task<IAudioInput> OpenAsync(SourceOpening opening, CancellationToken cancellationToken)
    {
        var (_, device) = BluetoothLinks.Read(opening.NeedLink());
        for (var limit = time.Now() + PulseLink.Coming; SourceOf(link.Current, device) is null && link.Current.Failure is null && time.Now() < limit;)
            await Task.Delay(s_look, time, cancellationToken);
        return link.Open((session, view) =>
        {
            var source = SourceOf(view, device) ?? throw PulseTexts.NoSource(opening.Name, isTelephone: view.Sources.Any(s => s.Address == device.Text));
            return new PulseInput(session.Record(source.Name, $"Sound of {opening.Name}"), source, opening.Name);
        });
    }

    private static PulseSource? SourceOf(PulseView view, BluetoothAddress device) => view.Sources.FirstOrDefault(s => s.Address == device.Text && !s.IsTelephony);
}
