using System.Numerics;
using Gateway.Alignment.Calibration;
using Gateway.Alignment.Dsp;

namespace Gateway.Alignment.Tracking;

/// <summary>
/// Measures each speaker's arrival while music plays, from a noise of its own that it adds 25 dB below the music: takes the music out,
/// then looks for each noise around where the speaker is known to be. One window of one length per tracker; not thread-safe. The
/// recording is only read: nothing of it is kept.
/// </summary>
/// <remarks>
/// 10 s where the room is 20 dB below the music, 30 s at 10 dB. The recorder's skew must be known to about 1 ppm and removed
/// (<see cref="CommonSkew"/>). Figures: docs/measuring.md §3.
/// </remarks>
public sealed class HiddenProbeTracker
{
    private const int Rate = Probe.SampleRate;
    private const int FloorSamples = Rate / 2;

    private readonly int _windowFrames;
    private readonly MusicCanceller _canceller = new();
    private readonly ArrivalEstimator _estimator;
    private readonly float[] _residual;
    private float[]? _converted;

    /// <summary>How far to both sides of where a speaker is known to be it is looked for, in samples: 8 ms.</summary>
    public const int NearReachSamples = Rate * 8 / 1000;

    /// <param name="windowFrames">Length of the windows, 3 to 40 s.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another length.</exception>
    public HiddenProbeTracker(int windowFrames)
    {
        if (windowFrames is < 3 * Rate or > 40 * Rate)
            throw new ArgumentOutOfRangeException(nameof(windowFrames), windowFrames, "A window is 3 to 40 s long.");

        _windowFrames = windowFrames;
        _residual = new float[windowFrames];
        _estimator = new ArrivalEstimator((int)BitOperations.RoundUpToPowerOf2((uint)(windowFrames + FloorSamples)));
    }

    /// <summary>Takes a window. Call <see cref="Find"/> for each speaker then.</summary>
    /// <param name="recording">The microphone, 48 kHz of the player's clock.</param>
    /// <param name="programme">The music as played, mono, from the same instant on.</param>
    public void Load(ReadOnlySpan<float> recording, ReadOnlySpan<float> programme)
    {
        if (recording.Length != _windowFrames)
            throw new ArgumentException($"A window has {_windowFrames} frames; got {recording.Length}.", nameof(recording));

        _canceller.Remove(recording, programme, _residual);
        _estimator.Load(_residual);
    }

    /// <summary>Takes a window as the microphone delivered it: of any rate, by a clock of its own.</summary>
    /// <param name="recording">From the same instant as the programme; what is missing at its end is silence.</param>
    /// <param name="sampleRate">Of the recording, nominal.</param>
    /// <param name="skewPpm">The recorder's, positive = fast.</param>
    /// <param name="programme">The music as played, mono.</param>
    public void Load(ReadOnlySpan<float> recording, int sampleRate, double skewPpm, ReadOnlySpan<float> programme)
    {
        _converted ??= new float[_windowFrames];
        var resampler = new Resampler(sampleRate, Rate);
        _converted.AsSpan(MonoConversion.Convert(recording, _converted, resampler.NominalRatio * (1 + skewPpm * 1e-6), resampler)).Clear();
        Load(_converted, programme);
    }

    /// <summary>One speaker's arrival in the loaded window, in samples after the probe's beginning.</summary>
    /// <param name="hiddenProbe">What this speaker added, from the same instant on.</param>
    /// <param name="knownArrivalSamples">Where it is known to be, 0 to 0.5 s.</param>
    /// <param name="reachSamples">So far to both sides it is searched.</param>
    public ArrivalEstimate Find(ReadOnlySpan<float> hiddenProbe, double knownArrivalSamples, int reachSamples = NearReachSamples)
    {
        var from = Math.Clamp((int)Math.Round(knownArrivalSamples) - reachSamples, 0, FloorSamples - 2 * reachSamples);
        return _estimator.Estimate(_estimator.Prepare(hiddenProbe, weightByPower: false), from, 2 * reachSamples, 0, FloorSamples);
    }
}
