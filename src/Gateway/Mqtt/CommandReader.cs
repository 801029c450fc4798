using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Gateway.Engine.Text;

namespace Gateway.Mqtt;

/// <summary>A command's text and correlation, or why it is refused.</summary>
/// <param name="Value">The bare value; of a refused command what may be shown of it, null where nothing may.</param>
/// <param name="Refusal">Reason and remedy in one text; null: not refused.</param>
internal readonly record struct ReadCommand(string? Value, string? Correlation, string? Refusal);

/// <summary>
/// Reads a command's payload: the bare value, or <c>{"value": …, "correlation": "text"}</c>. Blanks, line ends and invisible characters at the ends of
/// either form's value are dropped: shells, scripts and editors add them. Pure and bounded: more than 64 KiB are never parsed, JSON not deeper than 64 levels.
/// </summary>
internal static class CommandReader
{
    public const int MaxBytes = 64 * 1024;

    /// <summary>Characters of a refused value that its answer shows.</summary>
    public const int ShownCharacters = 100;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static ReadCommand Read(ReadOnlySequence<byte> payload, string property, bool mayBeEmpty)
    {
        if (payload.Length > MaxBytes)
            return Refuse(Start(payload), $"The command is {payload.Length} bytes long; at most {MaxBytes} are read. Send a shorter one.");
        var bytes = payload.ToArray();
        if (!Utf8.IsValid(bytes)) return Refuse(null, "The command is not UTF-8 text. Send the bare value, or JSON, as UTF-8.");
        var text = s_utf8.GetString(bytes);
        if (text.Contains('\0', StringComparison.Ordinal)) return Refuse(text, "The command contains a NUL character. Send plain text.");
        var value = ReadableText.Trim(text);
        return value.StartsWith('{') ? ReadEnvelope(s_utf8.GetBytes(value), value, property, mayBeEmpty) : Check(value, null, property, mayBeEmpty);
    }

    private static ReadCommand ReadEnvelope(byte[] bytes, string text, string property, bool mayBeEmpty)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes);
            string? value = null, correlation = null, badValue = null;
            bool hasValue = false, hasCorrelation = false;
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isValue = reader.ValueTextEquals("value");
                var isCorrelation = reader.ValueTextEquals("correlation");
                reader.Read();
                if ((isValue && hasValue) || (isCorrelation && hasCorrelation))
                    return Refuse(text, $"The command has the member \"{(isValue ? "value" : "correlation")}\" twice. Send it once.");
                if (isValue)
                {
                    hasValue = true;
                    if (TryReadScalar(ref reader, out value)) continue;
                    badValue = "\"value\" must be a text, a finite number, true or false. Send for example {\"value\": \"ON\"}.";
                    if (!TrySkip(ref reader)) return Refuse(text, badValue);
                }
                else if (isCorrelation)
                {
                    if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null)) return Refuse(text, "\"correlation\" must be a text. Put it into quotes.");
                    correlation = reader.GetString();
                    hasCorrelation = true;
                }
                else
                {
                    reader.Skip();
                }
            }

            while (reader.Read())
            {
                // Reads to the end: whatever follows the object throws.
            }

            if (badValue is not null) return Refuse(text, badValue, correlation);
            if (!hasValue && !mayBeEmpty) return Refuse(text, "The command has no member \"value\". Send {\"value\": …}, or the bare value.", correlation);
            if (value?.Contains('\0', StringComparison.Ordinal) == true) return Refuse(value, "The command contains a NUL character. Send plain text.", correlation);
            return Check(ReadableText.Trim(value ?? ""), correlation, property, mayBeEmpty);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escaped half of a surrogate pair.
            return Refuse(text, $"The command begins like JSON but cannot be read ({Plain(e.Message)}). Send the bare value, or {{\"value\": …, \"correlation\": \"text\"}}.");
        }
    }

    private static ReadCommand Check(string value, string? correlation, string property, bool mayBeEmpty)
    {
        if (string.IsNullOrWhiteSpace(value))
            return mayBeEmpty ? new(value, correlation, null) : Refuse(value, "The command is empty. Send a value.", correlation);
        return property is "volume" or "trim_ms" && IsNotFinite(value) ? Refuse(value, $"\"{Show(value)}\" is not a number that can be used. Send a finite number.", correlation)
            : new(value, correlation, null);
    }

    private static bool TryReadScalar(ref Utf8JsonReader reader, out string? value)
    {
        value = reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString(),
            JsonTokenType.True => "true",
            JsonTokenType.False => "false",
            JsonTokenType.Number when reader.TryGetDouble(out var number) && double.IsFinite(number) => number.ToString("R", CultureInfo.InvariantCulture),
            _ => null,
        };
        return value is not null;
    }

    /// <summary>Goes past a value that is no scalar, since a correlation may still follow; false where it is nested too deeply or broken.</summary>
    private static bool TrySkip(ref Utf8JsonReader reader)
    {
        try
        {
            reader.Skip();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsNotFinite(string value) => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        ? !double.IsFinite(number)
        : value.Trim().TrimStart('+', '-').ToUpperInvariant() is "INF" or "INFINITY" or "NAN";

    private static ReadCommand Refuse(string? value, string refusal, string? correlation = null) => new(value is null ? null : Show(value), correlation, refusal);

    /// <summary>The first characters, never half of a surrogate pair.</summary>
    private static string Show(string value)
    {
        if (value.Length <= ShownCharacters) return value;
        return value[..(char.IsHighSurrogate(value[ShownCharacters - 1]) ? ShownCharacters - 1 : ShownCharacters)];
    }

    /// <summary>The beginning of what is too long, where it is text.</summary>
    private static string? Start(ReadOnlySequence<byte> payload)
    {
        var start = payload.Slice(0, 4 * ShownCharacters).ToArray();
        var end = start.Length;
        while (end > start.Length - 4 && !Utf8.IsValid(start.AsSpan(0, end))) end--; // the cut may have split a character
        return Utf8.IsValid(start.AsSpan(0, end)) ? s_utf8.GetString(start, 0, end) : null;
    }

    /// <summary>The reader's message without its positions in bytes, which count from an unusual origin.</summary>
    private static string Plain(string message) => message.Split(" LineNumber:")[0].TrimEnd('.', ' ');
}
