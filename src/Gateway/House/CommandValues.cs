using System.Globalization;

namespace Gateway.House;

/// <summary>A command that is not carried out: the sentence for the answer, and the rules that stand behind it.</summary>
internal sealed class RefusedException(string reason, params string[] rules) : Exception(reason)
{
    public IReadOnlyList<string> Rules { get; } = rules;
}

/// <summary>Reads the bare values of commands; what does not fit is refused, never clamped.</summary>
internal static class CommandValues
{
    /// <summary>What no command of this form takes is refused, whatever else stands in its way. Choices depend on the device, and are its owner's to judge.</summary>
    public static void Check(Command command, CommandForm form)
    {
        switch (form)
        {
            case CommandForm.OnOff: OnOff(command); break;
            case CommandForm.Press: Press(command); break;
            case CommandForm.Percent: Percent(command); break;
            case CommandForm.TrimMs: TrimMs(command); break;
            case CommandForm.Choice or CommandForm.PairingAnswer or CommandForm.Media: break;
            default: throw new ArgumentOutOfRangeException(nameof(form), form, null);
        }
    }

    public static bool OnOff(Command command) => command.Value switch
    {
        "ON" => true,
        "OFF" => false,
        _ => throw new RefusedException($"{command.Property} takes ON or OFF, not {Shown(command.Value)}."),
    };

    /// <summary><c>ON</c> or <c>OFF</c>, with the number of the question that it answers (<c>ON 312</c>) or without.</summary>
    public static (bool Accept, int? Question) PairingAnswer(Command command)
    {
        var parts = command.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int? question = parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        if (parts is not ["ON" or "OFF", ..] || (parts.Length > 1 && question is null))
            throw new RefusedException($"{command.Property} takes ON or OFF, alone or with the number of the question (ON 312), not {Shown(command.Value)}.");
        return (parts[0] == "ON", question);
    }

    public static void Press(Command command)
    {
        if (command.Value != "PRESS") throw new RefusedException($"{command.Property} takes PRESS, not {Shown(command.Value)}.");
    }

    /// <summary>A volume: a whole number 0-100.</summary>
    public static int Percent(Command command)
    {
        var value = Number(command);
        if (value is < 0 or > 100) throw new RefusedException($"{command.Property} takes 0 to 100, and {Shown(command.Value)} is outside. Nothing was changed.");
        if (value != Math.Floor(value)) throw new RefusedException($"{command.Property} takes whole numbers, not {Shown(command.Value)}.");
        return (int)value;
    }

    /// <summary>A trim: -500 to 2000 ms in steps of 0.1.</summary>
    public static double TrimMs(Command command)
    {
        var value = Number(command);
        if (!IsTrim(value)) throw new RefusedException($"{command.Property} takes -500 to 2000 ms, and {Shown(command.Value)} is outside. Nothing was changed.");
        var rounded = Math.Round(value, 1);
        if (Math.Abs(value - rounded) > 1e-9) throw new RefusedException(string.Create(CultureInfo.InvariantCulture, $"{command.Property} takes steps of 0.1 ms; the nearest to {Shown(command.Value)} is {rounded}."));
        return rounded;
    }

    public static bool IsTrim(double value) => value is >= -500 and <= 2000;

    /// <summary>A value as it may stand in an answer: quoted, short, one line.</summary>
    public static string Shown(string value)
    {
        var line = string.Concat(value.Take(100).Select(c => char.IsControl(c) ? ' ' : c));
        return $"\"{line}{(value.Length > 100 ? "…" : "")}\"";
    }

    private static double Number(Command command)
    {
        var plain = double.TryParse(command.Value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var value);
        if (!plain || !double.IsFinite(value)) throw new RefusedException($"{command.Property} takes a number, not {Shown(command.Value)}.");
        return value;
    }
}
