namespace Gateway.Simulation;

/// <summary>Endless background noise of a room: normals through the filter of docs/measuring.md (about pink), rms as given.</summary>
internal sealed class RoomNoise(SplitMix64 draw, double rms)
{
    // What the filter leaves of white noise of rms 1.
    private const double FilterRms = 0.08619;

    private SplitMix64 _draw = draw;
    private double _z1, _z2, _z3;

    public void AddTo(Span<float> samples)
    {
        var gain = rms / FilterRms;
        for (var i = 0; i < samples.Length; i += 2)
        {
            var (first, second) = _draw.NextNormals();
            samples[i] += (float)(gain * Next(first));
            if (i + 1 < samples.Length) samples[i + 1] += (float)(gain * Next(second));
        }
    }

    private double Next(double x)
    {
        var y = (0.049922035 * x) + _z1;
        _z1 = (-0.095993537 * x) + (2.494956002 * y) + _z2;
        _z2 = (0.050612699 * x) - (2.017265875 * y) + _z3;
        _z3 = (-0.004408786 * x) + (0.522189400 * y);
        return y;
    }
}
