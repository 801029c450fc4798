using System.Globalization;

namespace Gateway.Benchmarks.Bluetooth;

/// <summary>What a lab speaker heard: its speaker-N.csv.</summary>
internal sealed record HeardPackets(IReadOnlyList<HeardPackets.Packet> Packets)
{
    /// <param name="Arrival">CLOCK_MONOTONIC seconds.</param>
    internal readonly record struct Packet(double Arrival, ushort Sequence, uint Timestamp, int Frames, int Bytes);

    public static HeardPackets Read(int speaker, double from = 0, double to = double.MaxValue) => ReadFile($"speaker-{speaker}.csv", from, to);

    public static HeardPackets ReadFile(string name, double from = 0, double to = double.MaxValue)
    {
        var packets = new List<Packet>();
        using var file = new FileStream(Path.Combine(LabHouse.Out, name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        while (reader.ReadLine() is { } line)
        {
            var parts = line.Split(',');
            if (parts.Length != 5 || !int.TryParse(parts[4], CultureInfo.InvariantCulture, out var bytes)) continue;
            var arrival = double.Parse(parts[0], CultureInfo.InvariantCulture);
            if (arrival < from || arrival > to) continue;
            packets.Add(new Packet(
                arrival, ushort.Parse(parts[1], CultureInfo.InvariantCulture), uint.Parse(parts[2], CultureInfo.InvariantCulture),
                int.Parse(parts[3], CultureInfo.InvariantCulture), bytes));
        }

        return new HeardPackets(packets);
    }

    /// <summary>When the latest packet came that is on file (speakers write every 0.5 s); 0: none yet. Reads the end alone, so it may be asked often.</summary>
    public static double LatestArrival(int speaker)
    {
        using var file = new FileStream(Path.Combine(LabHouse.Out, $"speaker-{speaker}.csv"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Seek(-Math.Min(file.Length, 256), SeekOrigin.End);
        Span<byte> end = stackalloc byte[256];
        var lines = System.Text.Encoding.ASCII.GetString(end[..file.ReadAtLeast(end, end.Length, throwOnEndOfStream: false)]).Split('\n');
        // The last part is what follows the last line end, the first may be cut.
        return lines.Length < 3 ? 0 : double.Parse(lines[^2].Split(',')[0], CultureInfo.InvariantCulture);
    }

    public int Frames => Packets.Sum(p => p.Frames);

    /// <summary>Packets missing by their numbers.</summary>
    public int SequenceGaps => Enumerable.Range(1, Math.Max(0, Packets.Count - 1)).Sum(i => (ushort)(Packets[i].Sequence - Packets[i - 1].Sequence - 1));

    public double LongestGapMs => LongestGap.Ms;

    /// <summary>The longest time without a packet, and when it ended.</summary>
    public (double Ms, double At) LongestGap => Packets.Count < 2
        ? (double.PositiveInfinity, 0)
        : Enumerable.Range(1, Packets.Count - 1).Max(i => (1000 * (Packets[i].Arrival - Packets[i - 1].Arrival), Packets[i].Arrival));

    /// <summary>
    /// Times that the sender left sound out and said so: timestamps go on further than the sound before them lasts. PulseAudio does it when it comes too late.
    /// </summary>
    public int TimestampSkips(int samplesPerFrame) => Enumerable.Range(1, Math.Max(0, Packets.Count - 1))
        .Count(i => Packets[i].Timestamp > Packets[i - 1].Timestamp + (uint)(Packets[i - 1].Frames * samplesPerFrame));

    /// <summary>The longest time without a packet beyond what the machine itself stood still in it.</summary>
    public double LongestGapBeyondMs(MachineMeter machine) => Packets.Count < 2 ? double.PositiveInfinity : Enumerable.Range(1, Packets.Count - 1)
        .Max(i => (1000 * (Packets[i].Arrival - Packets[i - 1].Arrival)) - machine.StoodStillMs(Packets[i - 1].Arrival, Packets[i].Arrival));

    /// <summary>
    /// Arrivals after the moment that the RTP timestamp names: ours count the sampling clock from CLOCK_MONOTONIC's zero, so nothing is fitted
    /// and a constant delay counts as well.
    /// </summary>
    public IEnumerable<double> LatenessMs(int rate)
    {
        var wrap = 4294967296.0 / rate;
        foreach (var packet in Packets)
        {
            var due = packet.Timestamp / (double)rate;
            var late = (packet.Arrival - due) % wrap;
            yield return 1000 * (late > wrap / 2 ? late - wrap : late);
        }
    }

    /// <summary>For each timestamp that all speakers heard: the last arrival minus the first.</summary>
    public static IEnumerable<double> SkewMs(IReadOnlyList<HeardPackets> speakers)
    {
        var others = speakers.Skip(1).Select(s => s.Packets.GroupBy(p => p.Timestamp).ToDictionary(g => g.Key, g => g.First().Arrival)).ToList();
        foreach (var packet in speakers[0].Packets)
        {
            if (!others.All(o => o.ContainsKey(packet.Timestamp))) continue;
            var arrivals = others.Select(o => o[packet.Timestamp]).Append(packet.Arrival).ToList();
            yield return 1000 * (arrivals.Max() - arrivals.Min());
        }
    }

    public static double Percentile(IEnumerable<double> values, double percent)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(percent / 100 * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
