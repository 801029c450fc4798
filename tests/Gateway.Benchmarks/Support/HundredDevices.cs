using System.Globalization;
using System.Text;

namespace Gateway.Benchmarks;

/// <summary>A configuration of 100 devices, and the gateway itself: 20 Echos, 70 speakers, 4 transmitters, 6 groups.</summary>
internal static class HundredDevices
{
    public const int Echoes = 20;
    public const int Speakers = 70;
    public const int Transmitters = 4;
    public const int Groups = 6;

    /// <summary>Discovery topics to expect: one a device, and the gateway's.</summary>
    public const int Announced = Echoes + Speakers + Transmitters + Groups + 1;

    public const string FirstSpeaker = "s00";

    public static string Yaml(int port)
    {
        var yaml = new StringBuilder();
        yaml.AppendLine(CultureInfo.InvariantCulture, $"gateway: {{ id: bench, name: Bench }}");
        yaml.AppendLine(CultureInfo.InvariantCulture, $"mqtt: {{ url: \"mqtt://127.0.0.1:{port}\" }}");
        yaml.AppendLine("echo: { control: declared }");
        Append(yaml, "echoes", Echoes, i => $"{{ id: e{i:D2}, name: \"Echo {i}\", model: \"Echo Dot (5th gen)\" }}");
        Append(yaml, "speakers", Speakers, i => $"{{ id: s{i:D2}, name: \"Speaker {i}\", model: \"JBL Flip 6\", address: \"02:00:00:00:01:{i:X2}\" }}");
        Append(yaml, "transmitters", Transmitters, i => $"{{ id: t{i}, name: \"Transmitter {i}\", model: \"Avantree Oasis Plus\", slots: 2 }}");
        Append(yaml, "groups", Groups, i => $"{{ id: g{i}, name: \"Group {i}\", members: [s{4 * i:D2}, s{4 * i + 1:D2}, s{4 * i + 2:D2}] }}");
        return yaml.ToString();
    }

    private static void Append(StringBuilder yaml, string section, int count, Func<int, string> entry)
    {
        yaml.Append(section).AppendLine(":");
        for (var i = 0; i < count; i++)
        {
            yaml.Append("  - ").AppendLine(entry(i));
        }
    }
}
