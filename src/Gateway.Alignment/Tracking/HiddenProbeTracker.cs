using System.Numerics;
using Gateway.Alignment.Calibration;

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
    private const int ReachSamples = Rate * 8 / 1000;
    private const int FloorSamples = Rate / 2;

    private readonly int _windowFrames;
    private readonly MusicCanceller _canceller = new();
    private readonly ArrivalEstimator _estimator;
    private readonly float[] _residual;

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

    /// <summary>One speaker's arrival in the loaded window, in samples after the probe's beginning.</summary>
    /// <param name="hiddenProbe">What this speaker added, from the same instant on.</param>
    /// <param name="knownArrivalSamples">Where it is known to be; 8 ms to both sides are searched.</param>
    public ArrivalEstimate Find(ReadOnlySpan<float> hiddenProbe, double knownArrivalSamples)
    {
        var from = Math.Clamp((int)Math.Round(knownArrivalSamples) - ReachSamples, 0, FloorSamples - 2 * ReachSamples);
        return _estimator.Estimate(_estimator.Prepare(hiddenProbe, weightByPower: false), from, 2 * ReachSamples, 0, FloorSamples);
    }
}
