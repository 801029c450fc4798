using Gateway.Engine.Ports;
using Gateway.Native.Pulse;

namespace Gateway.PulseAudio;

/// <summary>The gateway's microphone: a source of PulseAudio or PipeWire. It listens from <see cref="Open"/> to <see cref="Dispose"/> and keeps nothing.</summary>
internal sealed class PulseMicrophone : IAudioInput
{
    /// <summary>The word for the sound server's default source.</summary>
    public const string DefaultSource = "default";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly PulseCapture _capture;

    private PulseMicrophone(PulseCapture capture) => _capture = capture;

    public int SampleRate => PulseCapture.SampleRate;

    public int Channels => _capture.Channels;

    public bool IsOpen => _capture.IsOpen;

    /// <param name="source">As <c>audio.microphone</c> names it.</param>
    /// <param name="server">Null: as PULSE_SERVER and the user's settings say.</param>
    /// <exception cref="PortException">It cannot be recorded from: why, and the remedy.</exception>
    public static PulseMicrophone Open(string source, string? server = null)
    {
        var isDefault = source.Equals(DefaultSource, StringComparison.OrdinalIgnoreCase);
        PulseCapture capture;
        try
        {
            capture = PulseCapture.Open(server, isDefault ? null : source, s_patience);
        }
        catch (PulseException no)
        {
            throw Explain(no, isDefault ? "the default source" : $"the source {source}");
        }

        // What the speakers are sent is in time with itself: every speaker would look perfect.
        if (!isDefault || !capture.Source.EndsWith(".monitor", StringComparison.Ordinal)) return new PulseMicrophone(capture);
        capture.Dispose();
        throw new PortException(
            PortError.PartMissing, $"The sound server has no microphone: its default source {capture.Source} is only a copy of what is played.",
            "Connect a microphone, or name its source in audio.microphone (pactl list short sources).");
    }

    public int Read(Span<float> samples) => _capture.Read(samples);

    public void Dispose() => _capture.Dispose();

    private static PortException Explain(PulseException no, string source) => no.Failure switch
    {
        PulseFailure.LibraryMissing => new(PortError.PartMissing, "The microphone needs libpulse, which is not installed.", "Install the Debian package libpulse0 (apt install libpulse0).", no),
        PulseFailure.NoServer => new(
            PortError.PartMissing, $"The microphone cannot be opened: no sound server is there ({no.Message}).",
            "Start PulseAudio or PipeWire (pipewire-pulse) for the user that the gateway runs as, or tell the gateway where it is with PULSE_SERVER.", no),
        PulseFailure.AccessDenied => new(
            PortError.PartMissing, $"The sound server does not let the gateway in ({no.Message}).",
            "Run the gateway as the sound server's user, or let its user in: for a system-wide PulseAudio add it to the group pulse-access; else give it the server's cookie with PULSE_COOKIE.", no),
        PulseFailure.NoAnswer => new(PortError.TimedOut, $"The sound server does not answer: {no.Message}.", "Restart it; with PipeWire, check that WirePlumber runs.", no),
        PulseFailure.NoSuchSource => new(
            PortError.UnknownDevice, $"The sound server has no {source["the ".Length..]}.",
            no.Sources.Count == 0 ? "It has no source at all: connect a microphone." : $"Set audio.microphone to one of: {string.Join(", ", no.Sources)}.", no),
        PulseFailure.NoSound => new(PortError.NotReachable, $"No sound comes from {source}: {no.Message}.", "Check that the microphone is connected and not suspended (pactl list short sources).", no),
        _ => new(PortError.Other, $"The sound server does not record from {source}: {no.Message}.", "Look at the sound server's log.", no),
    };
}
