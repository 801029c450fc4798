using Gateway.Engine.Ports;
using Gateway.Engine.Text;
using Gateway.Native.Pulse;

namespace Gateway.PulseAudio;

/// <summary>What people are told of the sound server's outputs and sources.</summary>
internal static class PulseTexts
{
    private const int MostNamed = 12;
    private const string NoServerRemedy = "Start PulseAudio or PipeWire (pipewire-pulse) for the user that the gateway runs as, or tell the gateway where it is with PULSE_SERVER.";

    /// <summary>Why an output ended; null: it did not, or that is plain.</summary>
    public static string? Of(PulseEnd end, PulseClockFault fault, PulseSink sink, string? reason) => end switch
    {
        PulseEnd.Unknown => $"The sound server has no output {sink.Name} any more.",
        PulseEnd.NoAnswer => $"The sound server does not open its output {sink.Name}{(reason is null ? "" : $" ({reason})")}. Restart it; with PipeWire, check that WirePlumber runs.",
        PulseEnd.Suspended => $"The sound server's output {sink.Name} is suspended and takes no sound: somebody has said so there. Wake it with pactl suspend-sink {sink.Name} 0.",
        PulseEnd.Moved => $"Somebody moved the sound for {sink.Name} to another output of the sound server; it is put back.",
        PulseEnd.Untimely => $"Nothing can be played in time on the sound server's output {sink.Name}: its clock {Words(fault)}. Choose another profile or output for it, or restart the sound server.",
        _ => null,
    };

    /// <summary>Why nothing comes from a source, or why it ended; null: nothing is wrong.</summary>
    /// <param name="device">The Echo or phone that it is; null: it is none.</param>
    public static string? Of(PulseEnd end, PulseInputTrouble trouble, PulseSource source, string? device, string? reason)
    {
        var what = device is null ? $"source {source.Name}" : $"source of {device}";
        return (end, trouble) switch
        {
            (PulseEnd.Gone, _) => $"The sound server's {what} is gone. It is taken again as soon as it is back.",
            (PulseEnd.NoAnswer, _) => $"The sound server does not open its source {source.Name}{(device is null ? "" : $" of {device}")}{(reason is null ? "" : $" ({reason})")}. Restart it; with PipeWire, check that WirePlumber runs.",
            (PulseEnd.Moved, _) => $"The sound server let another source take the place of {(device is null ? source.Name : $"that of {device}")}. It is put back.",
            (_, PulseInputTrouble.Asleep) when device is null => $"The sound server's {what} is suspended: somebody has said so there. Wake it with pactl suspend-source {source.Name} 0.",
            (_, PulseInputTrouble.Asleep) => $"The sound server's {what} is suspended: nothing is played on it, or somebody suspended it there. Play something on it; else wake it with pactl suspend-source {source.Name} 0.",
            (_, PulseInputTrouble.Silent) when device is null => $"Nothing comes from the sound server's {what}, not even silence. Look whether its device is still there, and restart the sound server.",
            (_, PulseInputTrouble.Silent) => $"Nothing comes from the sound server's {what}. Play something on it; where it plays already, connect it anew.",
            _ => null,
        };
    }

    /// <summary>A group's source is the server's of this name, which is not there.</summary>
    public static PortException NoLineIn(string name, IEnumerable<PulseSource> sources) => new(
        PortError.NotReachable, $"The sound server has no source {name} now.{Those(name, sources.Select(s => s.Name))}", "It is taken as soon as it is there; else choose another Source (pactl list short sources).");

    /// <summary>Its link stands, and nothing can be heard from it.</summary>
    public static PortException NoSource(string name, bool isTelephone) => new(
        PortError.NotReachable,
        isTelephone ? $"{name} is connected, and the sound server uses it for telephone calls alone." : $"{name} is connected, and the sound server shows no source of it.",
        "Choose its profile for music there (A2DP Source, High Fidelity Capture), or connect it anew; with PipeWire, set bluez5.media-source-role to input for it.");

    /// <summary>A speaker is the output of this name, which is not there.</summary>
    public static string NoSink(string name, IReadOnlyList<PulseSink> sinks)
    {
        var names = sinks.Select(s => s.Name).Where(n => !n.StartsWith("auto_null", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        return $"The sound server has no output {name} now.{Those(name, names)} It is taken as soon as it is there; else correct sink: in tutti.yaml (pactl list short sinks).";
    }

    public static string NoServer(PulseException no) => $"Nothing can be played through the sound server: {Clause(no)}. {Remedy(no)}";

    /// <summary>Why the sound server cannot be had, as a part of a sentence.</summary>
    public static string Clause(PulseException no) => no.Failure switch
    {
        PulseFailure.LibraryMissing => "libpulse, by which the gateway would play through it, is not installed",
        PulseFailure.NoServer => $"none listens where the gateway looks for it ({no.Message})",
        PulseFailure.AccessDenied => $"it does not let the gateway in ({no.Message})",
        PulseFailure.NoAnswer => $"it does not answer ({no.Message})",
        _ => $"the gateway cannot connect to it ({no.Message})",
    };

    public static string Remedy(PulseException no) => no.Failure switch
    {
        PulseFailure.LibraryMissing => "Install the Debian package libpulse0 (apt install libpulse0).",
        PulseFailure.NoServer => NoServerRemedy,
        PulseFailure.AccessDenied =>
            "Run the gateway as the sound server's user, or let its user in: for a system-wide PulseAudio add it to the group pulse-access; else give it the server's cookie with PULSE_COOKIE.",
        PulseFailure.NoAnswer => "Restart it; with PipeWire, check that WirePlumber runs.",
        _ => "Look at the sound server's log.",
    };

    public static PortException NotThere(PulseException? no) => new(
        PortError.PartMissing, no is null ? "The sound server is not there." : $"Nothing can be played through the sound server: {Clause(no)}.", no is null ? "It is waited for." : Remedy(no), no);

    /// <summary>The nearest of those that there are, else all, with a blank before it.</summary>
    private static string Those(string name, IEnumerable<string> names)
    {
        var there = names.ToList();
        var near = NearestNames.DidYouMean(name, there);
        return near.Length > 0 ? near : there.Count == 0 ? " It has none now." : $" It has {string.Join(", ", there.Take(MostNamed))}{(there.Count > MostNamed ? ", …" : "")}.";
    }

    private static string Words(PulseClockFault fault) => fault switch
    {
        PulseClockFault.Stands => "stands still",
        PulseClockFault.WrongRate => "runs far too fast or too slowly",
        PulseClockFault.Deep => "is seconds behind",
        _ => "contradicts itself",
    };
}
