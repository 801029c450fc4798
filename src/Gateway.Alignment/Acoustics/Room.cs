using Gateway.Alignment.Dsp;

namespace Gateway.Alignment.Acoustics;

/// <summary>
/// The way from one loudspeaker to one microphone: latency of the speaker, direct sound, twelve early reflections, a diffuse tail of
/// exponential decay (Polack 1988; level by the critical distance 0.057 √(V / RT60), V = 120 m³), and the speaker's own band limits.
/// The same seed gives the same room everywhere.
/// </summary>
public sealed class Room
{
    /// <summary>Frames per second of <see cref="ImpulseResponse"/>.</summary>
    public const int SampleRate = 48_000;

    /// <summary>Metres per second.</summary>
    public const double SpeedOfSound = 343;

    private const int EarlyReflections = 12;
    private const double MixingTimeSeconds = 0.012;
    private const double Volume = 120;
    private const int PulseReach = 16;

    private Room(double[] impulseResponse, double arrivalSamples, double latencySeconds, double distanceMetres)
    {
        ImpulseResponse = impulseResponse;
        ArrivalSamples = arrivalSamples;
        LatencySeconds = latencySeconds;
        DistanceMetres = distanceMetres;
    }

    /// <summary>At 48 kHz, from the instant at which the sample is handed to the speaker.</summary>
    public IReadOnlyList<double> ImpulseResponse { get; }

    /// <summary>The truth: when the direct sound arrives (latency and way through the air), in samples, without the filters' group delay.</summary>
    public double ArrivalSamples { get; }

    /// <summary>What the speaker itself holds back.</summary>
    public double LatencySeconds { get; }

    /// <summary>From the speaker to the microphone.</summary>
    public double DistanceMetres { get; }

    /// <param name="seed">Everything random comes from it.</param>
    /// <param name="rt60">Seconds until the reverberation has fallen by 60 dB.</param>
    /// <param name="maxLatencySeconds">The speaker's latency is drawn from 0 to this.</param>
    /// <param name="blockedDb">How much weaker than free the direct sound is (a sofa, a person); the reflections are not.</param>
    public static Room Create(ulong seed, double rt60, double maxLatencySeconds, double blockedDb = 0)
    {
        var random = new SplitMix64(seed);
        var distance = 1 + 3 * random.NextUniform();
        var level = Decibels(-4 * random.NextUniform()) / distance;
        var latency = maxLatencySeconds * random.NextUniform();
        var arrival = (latency + distance / SpeedOfSound) * SampleRate;

        var response = new double[(int)Math.Floor(SampleRate * (1.1 * rt60 + 0.15 + maxLatencySeconds))];
        AddPulse(response, arrival, level * Decibels(-blockedDb));
        AddEarlyReflections(response, random, arrival, distance);
        AddTail(response, random, arrival, rt60);
        IirFilter.HighPass(80 + 120 * random.NextUniform(), SampleRate).Process(response);
        IirFilter.LowPass(12_000 + 6_000 * random.NextUniform(), SampleRate).Process(response);
        return new Room(response, arrival, latency, distance);
    }

    private static void AddEarlyReflections(double[] response, SplitMix64 random, double arrival, double distance)
    {
        for (var r = 1; r <= EarlyReflections; r++)
        {
            var detour = 0.3 * Math.Pow(1.36, r - 1) * (0.7 + 0.6 * random.NextUniform());
            var sign = random.NextUniform() < 0.2 ? -1 : 1;
            var walls = (r + 3) / 4;
            var gain = Math.Pow(0.8, walls) * Decibels(-6 * random.NextUniform()) / (distance + detour);
            AddPulse(response, arrival + detour * SampleRate / SpeedOfSound, sign * gain);
        }
    }

    private static void AddTail(double[] response, SplitMix64 random, double arrival, double rt60)
    {
        var start = (int)Math.Floor(arrival + MixingTimeSeconds * SampleRate);
        if (start >= response.Length)
            return;

        var tail = new double[response.Length - start];
        random.FillNormal(tail);
        for (var i = 0; i < tail.Length; i++)
        {
            var t = (double)i / SampleRate;
            tail[i] *= Math.Exp(-6.91 * t / rt60) * Math.Min(1, t / 0.02);
        }

        new IirFilter([1], [1, -0.35]).Process(tail);
        var energy = 0.0;
        foreach (var x in tail)
            energy += x * x;

        // Energy of a diffuse field that began to decay with the direct sound, 12 ms (13.8 × 0.012 = 0.1656) ago.
        var criticalDistance = 0.057 * Math.Sqrt(Volume / rt60);
        var gain = Math.Sqrt(Math.Exp(-0.1656 / rt60) / (criticalDistance * criticalDistance) / energy);
        for (var i = 0; i < tail.Length; i++)
            response[start + i] += tail[i] * gain;
    }

    /// <summary>A pulse between samples: 33 taps of a sinc under a raised cosine.</summary>
    private static void AddPulse(double[] response, double position, double gain)
    {
        var centre = (int)Math.Round(position);
        for (var n = Math.Max(0, centre - PulseReach); n <= Math.Min(response.Length - 1, centre + PulseReach); n++)
        {
            var x = n - position;
            var sinc = x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);
            response[n] += gain * sinc * (0.5 + 0.5 * Math.Cos(Math.PI * x / (PulseReach + 1)));
        }
    }

    private static double Decibels(double db) => Math.Pow(10, db / 20);
}
