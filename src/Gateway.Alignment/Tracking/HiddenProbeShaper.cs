using Gateway.Alignment.Acoustics;
using Gateway.Alignment.Dsp;

namespace Gateway.Alignment.Tracking;

/// <summary>
/// Makes the noise that one speaker adds to the music: of its own code, with the music's short-time spectrum in third octaves, 25 dB
/// below it. Deterministic: the same programme gives the same noise again, so that nothing but the programme needs to be kept. One
/// audio thread; <see cref="Process"/> allocates nothing.
/// </summary>
/// <remarks>
/// Frames of 20 ms every 10 ms, sine windows for analysis and synthesis (their squares add up to 1). What the ear masks before an
/// attack is little, so a band may rise by no more than 6 dB per frame: noise never runs ahead of a sudden sound (pre-echo;
/// Zwicker and Fastl, "Psychoacoustics", §4.4).
/// </remarks>
public sealed class HiddenProbeShaper
{
    /// <summary>Frames per call of <see cref="Process"/>.</summary>
    public const int HopFrames = 480;

    private const int WindowFrames = 2 * HopFrames;
    private const int FftFrames = 1024;
    private const double LevelDb = -25;
    private const float HighestRise = 4;
    private const double LowestHz = 200;
    private const int NarrowestBand = 3;
    private const ulong SeedOfCode0 = 90_000;

    private readonly RealFft _fft = new(FftFrames);
    private readonly SplitMix64 _random;
    private readonly int[] _bandEdges;
    private readonly float[] _bandBefore;
    private readonly float[] _window = new float[WindowFrames];
    private readonly float[] _history = new float[WindowFrames];
    private readonly float[] _overlap = new float[WindowFrames];
    private readonly float[] _block = new float[FftFrames];
    private readonly float[] _re;
    private readonly float[] _im;
    private readonly float[] _noiseRe;
    private readonly float[] _noiseIm;
    private readonly float _level = (float)Math.Pow(10, LevelDb / 20);

    /// <param name="code">0 and up; equal codes give equal noise.</param>
    public HiddenProbeShaper(int code)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(code);
        _random = new SplitMix64(SeedOfCode0 + (ulong)code);
        _re = new float[_fft.Bins];
        _im = new float[_fft.Bins];
        _noiseRe = new float[_fft.Bins];
        _noiseIm = new float[_fft.Bins];
        _bandEdges = CreateBandEdges(_fft.Bins);
        _bandBefore = new float[_bandEdges.Length - 1];
        for (var n = 0; n < WindowFrames; n++)
            _window[n] = (float)Math.Sin(Math.PI * (n + 0.5) / WindowFrames);
    }

    /// <summary>The noise belongs to the programme so many frames earlier.</summary>
    public static int LatencyFrames => HopFrames;

    /// <summary>Goes on from where another one is.</summary>
    public void ContinueFrom(HiddenProbeShaper other)
    {
        _random.ContinueFrom(other._random);
        other._bandBefore.CopyTo(_bandBefore, 0);
        other._history.CopyTo(_history, 0);
        other._overlap.CopyTo(_overlap, 0);
    }

    /// <summary>One hop.</summary>
    /// <param name="programme"><see cref="HopFrames"/> frames, mono.</param>
    /// <param name="probe">As many frames of noise, to be added <see cref="LatencyFrames"/> later than the programme given.</param>
    public void Process(ReadOnlySpan<float> programme, Span<float> probe)
    {
        if (programme.Length != HopFrames || probe.Length != HopFrames)
            throw new ArgumentException($"One hop has {HopFrames} frames; got {programme.Length} and {probe.Length}.");

        _history.AsSpan(HopFrames).CopyTo(_history);
        programme.CopyTo(_history.AsSpan(HopFrames));
        Analyse();
        Shape();
        Synthesise(probe);
    }

    private void Analyse()
    {
        _block.AsSpan().Clear();
        for (var n = 0; n < WindowFrames; n++)
            _block[n] = _history[n] * _window[n];
        _fft.Forward(_block, _re, _im);
    }

    private void Shape()
    {
        // Uniform noise of variance 1; its window makes the noise's power per bin the window's energy, WindowFrames / 2.
        for (var n = 0; n < WindowFrames; n++)
            _block[n] = (float)((2 * _random.NextUniform() - 1) * Math.Sqrt(3)) * _window[n];
        _fft.Forward(_block, _noiseRe, _noiseIm);
        _noiseRe.AsSpan(0, _bandEdges[0]).Clear();
        _noiseIm.AsSpan(0, _bandEdges[0]).Clear();
        for (var band = 0; band < _bandBefore.Length; band++)
        {
            var (from, to) = (_bandEdges[band], _bandEdges[band + 1]);
            var power = 0f;
            for (var bin = from; bin < to; bin++)
                power += _re[bin] * _re[bin] + _im[bin] * _im[bin];
            power /= to - from;

            var used = Math.Min(power, HighestRise * _bandBefore[band]);
            _bandBefore[band] = Math.Max(used, power * 1e-3f);
            var gain = _level * MathF.Sqrt(used / (WindowFrames / 2f));
            VectorMath.Scale(_noiseRe.AsSpan(from, to - from), gain);
            VectorMath.Scale(_noiseIm.AsSpan(from, to - from), gain);
        }
    }

    private void Synthesise(Span<float> probe)
    {
        _fft.Inverse(_noiseRe, _noiseIm, _block);
        for (var n = 0; n < WindowFrames; n++)
            _overlap[n] += _block[n] * _window[n];
        _overlap.AsSpan(0, HopFrames).CopyTo(probe);
        _overlap.AsSpan(HopFrames).CopyTo(_overlap);
        _overlap.AsSpan(HopFrames).Clear();
    }

    /// <summary>Third octaves from 200 Hz to the top, each at least three bins wide: a single bin's power is all fluctuation.</summary>
    private static int[] CreateBandEdges(int bins)
    {
        var edges = new List<int>();
        for (var hertz = LowestHz; ; hertz *= Math.Pow(2, 1.0 / 3))
        {
            var bin = (int)Math.Round(hertz * FftFrames / 48_000);
            if (bin >= bins)
                break;
            if (edges.Count == 0 || bin >= edges[^1] + NarrowestBand)
                edges.Add(bin);
        }

        edges.Add(bins);
        return [.. edges];
    }
}
