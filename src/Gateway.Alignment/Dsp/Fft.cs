using System.Numerics;
using System.Runtime.InteropServices;

namespace Gateway.Alignment.Dsp;

/// <summary>
/// A plan for complex discrete Fourier transforms of one power-of-two length, on split real and imaginary arrays, in place.
/// Not thread-safe: a plan owns its scratch memory. Nothing is allocated after construction.
/// </summary>
/// <remarks>
/// The four-step method (Bailey, "FFTs in external or hierarchical memory", 1990): the signal is a matrix of N1 rows and N2
/// columns; transform the columns, multiply by exp(-2πj n2 k1 / N), transpose, transform the columns again. The result is in natural
/// order, every vector load is contiguous, and a block of 16 columns stays in the first-level cache.
/// </remarks>
public sealed class Fft
{
    /// <summary>The longest transform.</summary>
    public const int MaxLength = 1 << 20;

    private const int Columns = ColumnFft.Columns;

    private readonly int _rows;
    private readonly int _columns;
    private readonly ColumnFft? _first;
    private readonly ColumnFft? _second;
    private readonly SmallFft? _small;
    private readonly float[] _workRe = [];
    private readonly float[] _workIm = [];
    private readonly float[] _twiddleRe = [];
    private readonly float[] _twiddleIm = [];
    private readonly float[] _blockRe = [];
    private readonly float[] _blockIm = [];

    /// <param name="length">A power of two, 2 to <see cref="MaxLength"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is not one of these.</exception>
    public Fft(int length)
    {
        if (length is < 2 or > MaxLength || !BitOperations.IsPow2(length))
            throw new ArgumentOutOfRangeException(nameof(length), length, "The length of a transform must be a power of two from 2 to 2^20.");

        Length = length;
        if (length < Columns * Columns)
        {
            _small = new SmallFft(length);
            return;
        }

        var log2 = BitOperations.Log2((uint)length);
        _rows = 1 << ((log2 + 1) / 2);
        _columns = length / _rows;
        _first = new ColumnFft(_rows);
        _second = _columns == _rows ? _first : new ColumnFft(_columns);
        _workRe = new float[length];
        _workIm = new float[length];
        _blockRe = new float[_rows * Columns];
        _blockIm = new float[_rows * Columns];
        (_twiddleRe, _twiddleIm) = CreateTwiddles();
    }

    /// <summary>Complex points per transform.</summary>
    public int Length { get; }

    /// <summary>X[k] = Σ x[n] exp(-2πj n k / N), in place.</summary>
    /// <exception cref="ArgumentException">A span is not <see cref="Length"/> long.</exception>
    public void Forward(Span<float> re, Span<float> im)
    {
        if (re.Length != Length || im.Length != Length)
            throw new ArgumentException($"This plan transforms {Length} points; got {re.Length} real and {im.Length} imaginary parts.");

        if (_small is not null)
        {
            _small.Transform(re, im);
            return;
        }

        TransformRowsIndex(re, im);
        TransformColumnsIndex(re, im);
    }

    /// <summary>x[n] = 1/N Σ X[k] exp(+2πj n k / N), in place.</summary>
    /// <exception cref="ArgumentException">A span is not <see cref="Length"/> long.</exception>
    public void Inverse(Span<float> re, Span<float> im)
    {
        // Exchanging real and imaginary parts before and after conjugates the kernel.
        Forward(im, re);
        VectorMath.Scale(re, 1f / Length);
        VectorMath.Scale(im, 1f / Length);
    }

    private void TransformRowsIndex(Span<float> re, Span<float> im)
    {
        ref var blockRe = ref MemoryMarshal.GetArrayDataReference(_blockRe);
        ref var blockIm = ref MemoryMarshal.GetArrayDataReference(_blockIm);
        var block = _rows * Columns;
        for (var column = 0; column < _columns; column += Columns)
        {
            _first!.Transform(ref re[column], ref im[column], _columns, ref blockRe, ref blockIm, Columns);
            var twiddles = column / Columns * block;
            VectorMath.ComplexMultiply(_blockRe, _blockIm, _twiddleRe.AsSpan(twiddles, block), _twiddleIm.AsSpan(twiddles, block));
            Transpose(_blockRe, _workRe.AsSpan(column * _rows, block));
            Transpose(_blockIm, _workIm.AsSpan(column * _rows, block));
        }
    }

    private void TransformColumnsIndex(Span<float> re, Span<float> im)
    {
        for (var column = 0; column < _rows; column += Columns)
            _second!.Transform(ref _workRe[column], ref _workIm[column], _rows, ref re[column], ref im[column], _rows);
    }

    /// <summary>rows × 16 to 16 × rows.</summary>
    private void Transpose(ReadOnlySpan<float> block, Span<float> transposed)
    {
        for (var column = 0; column < Columns; column++)
        {
            var target = transposed.Slice(column * _rows, _rows);
            var source = column;
            for (var row = 0; row < target.Length; row++, source += Columns)
                target[row] = block[source];
        }
    }

    /// <summary>In the order in which the blocks of columns read them.</summary>
    private (float[] Re, float[] Im) CreateTwiddles()
    {
        var re = new float[Length];
        var im = new float[Length];
        var at = 0;
        for (var block = 0; block < _columns; block += Columns)
        for (var row = 0; row < _rows; row++)
        for (var column = block; column < block + Columns; column++, at++)
        {
            var (sin, cos) = Math.SinCos(-2 * Math.PI * ((long)row * column % Length) / Length);
            (re[at], im[at]) = ((float)cos, (float)sin);
        }

        return (re, im);
    }
}
