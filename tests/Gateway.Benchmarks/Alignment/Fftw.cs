using System.Runtime.InteropServices;

namespace Gateway.Benchmarks.Alignment;

/// <summary>FFTW (single precision, Debian's libfftw3-single3) as the yardstick for our own transform; one plan, in place, measured for this machine.</summary>
internal sealed class Fftw : IDisposable
{
    private const string Library = "libfftw3f.so.3";
    private const int Forward = -1;
    private const uint Measure = 0;

    private readonly nint _data;
    private readonly nint _plan;

    /// <exception cref="DllNotFoundException">The library is not installed.</exception>
    public Fftw(int length, ReadOnlySpan<float> interleaved)
    {
        _data = Allocate((nuint)length * 2 * sizeof(float));
        _plan = Plan(length, _data, _data, Forward, Measure);
        Marshal.Copy(interleaved.ToArray(), 0, _data, 2 * length);
    }

    public void Transform() => Execute(_plan);

    public void Dispose()
    {
        DestroyPlan(_plan);
        Free(_data);
    }

    [DllImport(Library, EntryPoint = "fftwf_malloc")]
    private static extern nint Allocate(nuint bytes);

    [DllImport(Library, EntryPoint = "fftwf_free")]
    private static extern void Free(nint data);

    [DllImport(Library, EntryPoint = "fftwf_plan_dft_1d")]
    private static extern nint Plan(int length, nint input, nint output, int sign, uint flags);

    [DllImport(Library, EntryPoint = "fftwf_execute")]
    private static extern void Execute(nint plan);

    [DllImport(Library, EntryPoint = "fftwf_destroy_plan")]
    private static extern void DestroyPlan(nint plan);
}
