using System.Runtime.CompilerServices;
using Gateway.Bluetooth.BlueZ;
using Gateway.Bluetooth.Streams;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Native.Sbc;
using Microsoft.Extensions.Logging;

namespace Gateway.Bluetooth;

/// <summary>Sound to and from Bluetooth devices through our own endpoints.</summary>
internal sealed class BluetoothAudioPort(BlueZService service, ILogger<BluetoothAudioPort> logger) : IOutputProvider, ISourceProvider
{
    // One for each stream that somebody has listened to; it goes with its stream.
    private readonly ConditionalWeakTable<OwnStream, SourceStream> _sources = [];

    public string Scheme => BluetoothLinks.Scheme;

    /// <summary>None where the sound is a sound server's: its outputs are theirs who play through it.</summary>
    public OutputsSnapshot Current => service.Current is { OwnsAudio: not false } seen ? BluetoothLinks.OutputsIn(seen) : OutputsSnapshot.None;

    public IAudioOutput Open(OutputRef output)
    {
        var (adapter, device) = BluetoothLinks.Read(output.Key);
        return OpenOutput(adapter, device);
    }

    /// <summary>Where a sound server has the sound, they are heard through that.</summary>
    public bool Takes(SourceRef source) => BluetoothLinks.Carries(source) && service.Current.OwnsAudio != false;

    public Task<IAudioInput> OpenAsync(SourceOpening opening, CancellationToken cancellationToken)
    {
        var (adapter, device) = BluetoothLinks.Read(opening.NeedLink());
        return Task.FromResult(OpenReceiver(adapter, device));
    }

    public IAudioOutput OpenOutput(BluetoothAddress adapter, BluetoothAddress device)
    {
        var (stream, access) = Find(adapter, device, receives: false);
        return new A2dpOutput(access, stream);
    }

    public IAudioInput OpenReceiver(BluetoothAddress adapter, BluetoothAddress device)
    {
        var (stream, access) = Find(adapter, device, receives: true);
        lock (_sources) return new A2dpInput(_sources.GetValue(stream, _ => new SourceStream(access, stream)));
    }

    private (OwnStream Stream, StreamAccess Access) Find(BluetoothAddress adapter, BluetoothAddress device, bool receives)
    {
        if (!SbcLibrary.IsAvailable) throw new PortException(PortError.PartMissing, SbcLibrary.MissingText, SbcLibrary.Remedy);
        if (!service.Shared.OwnsAudio)
        {
            throw new PortException(
                PortError.PartMissing, $"Bluetooth sound is left to the sound server on this machine, because {service.Shared.Choice?.Reason ?? "nothing else is decided yet"}.",
                "Play through the sound server, or set bluetooth.audio to own and keep the sound server away from the adapter.");
        }

        var name = service.Streams.Find(adapter, device).Name;
        var stream = service.Streams.OwnStreamOf(adapter, device, receives)
            ?? throw new PortException(PortError.NotReachable, receives ? $"{name} does not play to us." : $"{name} is not connected for sound.", "Connect it first.");
        return (stream, new StreamAccess(service.Streams, adapter, device, name, logger));
    }
}
