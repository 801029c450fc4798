using Gateway.Alignment.Acoustics;
using Gateway.Alignment.Dsp;

namespace Gateway.Alignment.Calibration;

/// <summary>
/// One calibration run: what each speaker plays, all at once. Faint noise for a second (many speakers mute or sleep on silence), then
/// every 10 s a probe with codes of its own, faint noise in between. 48 kHz, mono; two probes take about 15 s.
/// </summary>
public sealed class ProbeSet
{
    /// <summary>So many speakers can be told apart in one recording.</summary>
    public const int MaxSpeakers = 16;

    /// <summary>Frames per second.</summary>
    public const int SampleRate = Probe.SampleRate;

    private const int FewSpeakers = 8;
    private const double FaintNoiseDb = -30;
    private const double CrestFactorDb = 14;
    private const ulong NoiseSeed = 70_000;

    /// <param name="speakers">1 to 16. Above 8 the probes are twice as long.</param>
    /// <param name="probes">2 or 3; the third decides where the first two disagree.</param>
    /// <param name="series">Runs of different series share no code.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number outside these ranges.</exception>
    public ProbeSet(int speakers, int probes = 2, int series = 0)
    {
        if (speakers is < 1 or > MaxSpeakers)
            throw new ArgumentOutOfRangeException(nameof(speakers), speakers, "One calibration run takes 1 to 16 speakers.");
        if (probes is < 2 or > 3)
            throw new ArgumentOutOfRangeException(nameof(probes), probes, "A calibration run has 2 or 3 probes.");
        if (series is < 0 or > 1_000_000)
            throw new ArgumentOutOfRangeException(nameof(series), series, "A series lies between 0 and 1 000 000.");

        (Speakers, Probes, Series) = (speakers, probes, series);
        ProbeFrames = speakers > FewSpeakers ? 1 << 18 : 1 << 17;
    }

    /// <summary>How many speakers play.</summary>
    public int Speakers { get; }

    /// <summary>Probes one after the other.</summary>
    public int Probes { get; }

    /// <summary>Which codes.</summary>
    public int Series { get; }

    /// <summary>Frames per probe.</summary>
    public int ProbeFrames { get; }

    /// <summary>Faint noise before the first probe.</summary>
    public static int LeadInFrames => SampleRate;

    /// <summary>From the start of one probe to the start of the next.</summary>
    public static int PeriodFrames => 10 * SampleRate;

    /// <summary>The whole run. Record this and at least a second more: the slowest speaker's last probe must be in it.</summary>
    public int TotalFrames => GetProbeStart(Probes - 1) + ProbeFrames + SampleRate / 4;

    /// <summary>The frame at which a probe starts.</summary>
    public static int GetProbeStart(int probe) => LeadInFrames + probe * PeriodFrames;

    /// <summary>The code a speaker plays as one of its probes.</summary>
    public int GetCode(int speaker, int probe) => (Series * 3 + probe) * MaxSpeakers + speaker;

    /// <summary>What one speaker plays, <see cref="TotalFrames"/> long. Takes about 0.1 s: not for an audio thread.</summary>
    /// <param name="speaker">0 and up.</param>
    /// <param name="peakDbfs">Level of the probes' peaks, approximately; their rms lies 14 dB below.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such speaker, or the level is above 0 dBFS.</exception>
    public float[] Render(int speaker, double peakDbfs = -13)
    {
        if (speaker < 0 || speaker >= Speakers)
            throw new ArgumentOutOfRangeException(nameof(speaker), speaker, $"This run has {Speakers} speakers.");
        if (!(peakDbfs <= 0))
            throw new ArgumentOutOfRangeException(nameof(peakDbfs), peakDbfs, "The level of a probe is at most 0 dBFS.");

        var rms = Math.Pow(10, (peakDbfs - CrestFactorDb) / 20);
        var noise = RoomNoise.Create(NoiseSeed + (ulong)GetCode(speaker, 0), TotalFrames);
        var faint = rms * Math.Pow(10, FaintNoiseDb / 20);
        var signal = Array.ConvertAll(noise, x => (float)(faint * x));
        var fft = new RealFft(ProbeFrames);
        for (var probe = 0; probe < Probes; probe++)
        {
            var samples = Probe.Create(GetCode(speaker, probe), fft);
            VectorMath.Scale(samples, (float)rms);
            samples.CopyTo(signal, GetProbeStart(probe));
        }

        return signal;
    }
}
