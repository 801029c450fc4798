namespace Gateway.Engine;

/// <summary>
/// Something we may or may not know. A fact not known is unknown, not false: <c>default</c> is unknown, and
/// <c>Fact.Of&lt;string?&gt;(null)</c> is "known to be none".
/// </summary>
public readonly record struct Fact<T>
{
    private readonly T _value;

    internal Fact(T value)
    {
        IsKnown = true;
        _value = value;
    }

    public bool IsKnown { get; }

    /// <summary>The value; throws <see cref="InvalidOperationException"/> where <see cref="IsKnown"/> is false.</summary>
    public T Value => IsKnown ? _value : throw new InvalidOperationException("The fact is unknown.");

    /// <summary>The value, or <paramref name="unknown"/> where nothing is known.</summary>
    public T Or(T unknown) => IsKnown ? _value : unknown;

    public override string ToString() => IsKnown ? $"{_value}" : "unknown";
}

/// <summary>Makes facts.</summary>
public static class Fact
{
    public static Fact<T> Of<T>(T value) => new(value);

    /// <summary>A nullable whose null means "not known" (as in optional settings) as a fact.</summary>
    public static Fact<T> OfNullable<T>(T? value) where T : struct => value is { } known ? new(known) : default;
}

/// <summary>A yes/no that configuration or the cloud may leave open.</summary>
public enum Tristate
{
    Unknown,
    Yes,
    No,
}
