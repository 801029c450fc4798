namespace Gateway.Alignment.Drift;

/// <summary>
/// Kalman filter of one speaker's offset θ (µs) and skew ε (ppm = µs/s); dθ/dt = ε - u (docs/measuring.md §4; Bar-Shalom, Li,
/// Kirubarajan, "Estimation with Applications to Tracking and Navigation", 2001, §6.2: continuous white-noise acceleration).
/// </summary>
internal struct OffsetFilter(double deviationUs, double skewWalk)
{
    private const double StartSkewDeviation = 100;
    private const double RelocationSkewDeviation = 50;
    private const double HighestSkew = 250;
    private const double GateSquared = 25;

    /// <summary>Variance that the offset itself gains per second (scheduling, temperature), µs².</summary>
    private const double OffsetWalk = 0.5;

    private readonly double _r = deviationUs * deviationUs;
    private readonly double _q2 = skewWalk * skewWalk;
    private double _p00;
    private double _p01;
    private double _p11;

    public double OffsetUs { get; private set; }

    public double SkewPpm { get; private set; }

    public readonly double OffsetVariance => _p00;

    /// <summary>Begins at a measured offset; a skew known from before is kept as the first guess.</summary>
    public void Start(double offsetUs)
    {
        OffsetUs = offsetUs;
        (_p00, _p01, _p11) = (_r, 0, StartSkewDeviation * StartSkewDeviation);
    }

    public void Predict(double seconds, double correctionPpm)
    {
        OffsetUs += (SkewPpm - correctionPpm) * seconds;
        _p00 += 2 * seconds * _p01 + seconds * seconds * _p11 + OffsetWalk * seconds + _q2 * seconds * seconds * seconds / 3;
        _p01 += seconds * _p11 + _q2 * seconds * seconds / 2;
        _p11 += _q2 * seconds;
    }

    public readonly bool IsPlausible(double offsetUs)
    {
        var innovation = offsetUs - OffsetUs;
        return innovation * innovation <= GateSquared * (_p00 + _r);
    }

    /// <summary>
    /// Gives up the old certainty before a far measurement is used. Without the skew's share the gain stays too small to follow
    /// and the loop is locked into a limit cycle of 7 ms.
    /// </summary>
    public void Relocate(double offsetUs)
    {
        var innovation = offsetUs - OffsetUs;
        _p00 += innovation * innovation;
        _p11 += RelocationSkewDeviation * RelocationSkewDeviation;
    }

    public void Update(double offsetUs)
    {
        var innovation = offsetUs - OffsetUs;
        var s = _p00 + _r;
        var (k0, k1) = (_p00 / s, _p01 / s);
        OffsetUs += k0 * innovation;
        SkewPpm = Math.Clamp(SkewPpm + k1 * innovation, -HighestSkew, HighestSkew);
        _p11 -= k1 * _p01;
        _p01 -= k0 * _p01;
        _p00 -= k0 * _p00;
    }

    /// <summary>After the read pointer was moved: the offset is gone, as sure as one measurement.</summary>
    public void Jump()
    {
        OffsetUs = 0;
        _p00 = _r;
        _p01 = 0;
    }

    /// <summary>The scale of the measurements changed by a correction of their bias.</summary>
    public void Shift(double us) => OffsetUs += us;
}
