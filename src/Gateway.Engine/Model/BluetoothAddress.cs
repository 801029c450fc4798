using System.Diagnostics.CodeAnalysis;

namespace Gateway.Engine;

/// <summary>
/// The address of a Bluetooth device or adapter. Texts become one where they come in (configuration, D-Bus, store, MQTT, control paths) and where a source or an output is named by one (their words are texts).
/// Two are equal where they name the same device, however they were written.
/// </summary>
public sealed record BluetoothAddress
{
    private const int Digits = 12;

    private BluetoothAddress(string id) => (Id, Text) = (id, Spell(id));

    /// <summary>As it is shown, stored and published: upper-case <c>AA:BB:CC:DD:EE:FF</c>.</summary>
    public string Text { get; }

    /// <summary>As it stands in topics and ids: <c>aabbccddeeff</c>.</summary>
    public string Id { get; }

    /// <summary>Reads <c>AA:BB:CC:DD:EE:FF</c>, also with dashes, or lower case; null where it is no address.</summary>
    public static BluetoothAddress? Read(string? text) => text is not null && Gateway.Engine.Text.Ids.OfAddress(text) is { } id ? new BluetoothAddress(id) : null;

    /// <summary>The same from a person, who may leave out what stands between the pairs. All zeros and all ones are no device's address.</summary>
    public static BluetoothAddress? ReadWritten(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var trimmed = text.Trim();
        var written = trimmed.Length == Digits && trimmed.All(char.IsAsciiHexDigit) ? new BluetoothAddress(trimmed.ToLowerInvariant()) : Read(trimmed);
        return written is { Id: not ("000000000000" or "ffffffffffff") } ? written : null;
    }

    /// <summary>What is known to be one.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static BluetoothAddress Parse(string text) => Read(text) ?? throw new FormatException($"{text} is no Bluetooth address.");

    [return: NotNullIfNotNull(nameof(address))]
    public static implicit operator string?(BluetoothAddress? address) => address?.Text;

    public bool Equals(BluetoothAddress? other) => other is not null && Id == other.Id;

    public override int GetHashCode() => Id.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;

    private static string Spell(string id) => string.Create(17, id, static (text, digits) =>
    {
        for (var i = 0; i < text.Length; i++) text[i] = i % 3 == 2 ? ':' : char.ToUpperInvariant(digits[i - (i / 3)]);
    });
}
