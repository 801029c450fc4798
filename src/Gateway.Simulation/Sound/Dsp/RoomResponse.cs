namespace Gateway.Simulation;

/// <summary>
/// The way from a loudspeaker to the microphone, as the recipe "Room" of alignment.md §7 with no latency: direct sound, twelve
/// early reflections, a diffuse tail, the loudspeaker's band limits.
/// </summary>
internal sealed class RoomResponse
{
    private const int SampleRate = DeviceClock.SampleRate;
    private const double SpeedOfSound = 343;

    /// <summary>A furnished living room.</summary>
    private const double Rt60 = 0.35;

    public RoomResponse(SplitMix64 draw)
    {
        var distance = 1 + (3 * draw.NextUnit());
        var gain = Decibels(-4 * draw.NextUnit()) / distance;
        _ = draw.NextUnit(); // the recipe's latency, which here belongs to the speaker
        DirectSeconds = distance / SpeedOfSound;
        var direct = DirectSeconds * SampleRate;
        var response = new double[(int)(SampleRate * ((1.1 * Rt60) + 0.15))];
        AddPulse(response, direct, gain);
        for (var r = 1; r <= 12; r++)
        {
            var detour = 0.3 * Math.Pow(1.36, r - 1) * (0.7 + (0.6 * draw.NextUnit()));
            var sign = draw.NextUnit() < 0.2 ? -1 : 1;
            var reflected = Math.Pow(0.8, (r + 3) / 4) * Decibels(-6 * draw.NextUnit()) / (distance + detour);
            AddPulse(response, direct + (detour * SampleRate / SpeedOfSound), sign * reflected);
        }

        AddTail(response, ref draw, (int)(direct + (0.012 * SampleRate)));
        Biquad.HighPass(80 + (120 * draw.NextUnit())).Process(response);
        Biquad.LowPass(12_000 + (6_000 * draw.NextUnit())).Process(response);
        Samples = Array.ConvertAll(response, x => (float)x);
    }

    /// <summary>At 48 kHz.</summary>
    public float[] Samples { get; }

    /// <summary>The direct sound's way through the air: the truth.</summary>
    public double DirectSeconds { get; }

    private static void AddTail(double[] response, ref SplitMix64 draw, int start)
    {
        var tail = new double[response.Length - start];
        double smooth = 0, energy = 0;
        for (var i = 0; i < tail.Length; i += 2)
        {
            var (first, second) = draw.NextNormals();
            tail[i] = first;
            if (i + 1 < tail.Length) tail[i + 1] = second;
        }

        for (var i = 0; i < tail.Length; i++)
        {
            var t = (double)i / SampleRate;
            smooth = (tail[i] * Math.Exp(-6.91 * t / Rt60) * Math.Min(1, t / 0.02)) + (0.35 * smooth);
            tail[i] = smooth;
            energy += smooth * smooth;
        }

        var criticalDistance = 0.057 * Math.Sqrt(120 / Rt60);
        var gain = Math.Sqrt(Math.Exp(-0.1656 / Rt60) / (criticalDistance * criticalDistance) / energy);
        for (var i = 0; i < tail.Length; i++) response[start + i] += gain * tail[i];
    }

    /// <summary>A pulse between samples: 33 taps of a sinc under a raised cosine.</summary>
    private static void AddPulse(double[] response, double position, double gain)
    {
        var centre = (int)Math.Round(position);
        for (var n = Math.Max(0, centre - 16); n <= Math.Min(response.Length - 1, centre + 16); n++)
        {
            var x = n - position;
            var sinc = x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);
            response[n] += gain * sinc * (0.5 + (0.5 * Math.Cos(Math.PI * x / 17)));
        }
    }

    private static double Decibels(double db) => Math.Pow(10, db / 20);
}
