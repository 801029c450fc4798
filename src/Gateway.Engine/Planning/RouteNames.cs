namespace Gateway.Engine;

/// <summary>Routes as they are written.</summary>
public static class RouteNames
{
    private static readonly string[] s_names = ["stereo-pair", "wifi-group", "fan-out", "broadcast", "transmitter", "party-mode", "airplay", "mixed", "infeasible"];

    public static string Of(Route route) => (int)route >= 0 && (int)route < s_names.Length ? s_names[(int)route] : "infeasible";
}
