namespace Gateway.Engine;

/// <summary>Two identical Echos, left and right (G5): only when asked for.</summary>
internal static class StereoPairRoute
{
    public static Draft Build(PlanContext context)
    {
        var draft = new Draft(context, Route.StereoPair) { Class = SyncClass.Roomwide };
        SourceFeed.ByAlexa(draft, "A stereo pair");
        var members = context.Members;
        var speakers = members.Where(m => context.Echo(m) is null).ToArray();
        if (speakers.Length > 0) draft.BlockForGood("G5", speakers, $"{context.NamesOf(speakers)} cannot be in a stereo pair. {Myths.StereoPair}", "Play these speakers together by fan-out.");
        else if (members.Count != 2) draft.Block("G5", members, $"A stereo pair is exactly two Echos, left and right; {members.Count} are asked for.", "Name exactly two Echos of the same model.");
        if (speakers.Length > 0 || members.Count != 2) return draft;
        SameModel(draft, context.Echo(members[0])!, context.Echo(members[1])!);
        WifiEligibility.CheckEchoes(draft, members, "to play in the stereo pair");
        if (!Exists(context, members[0], members[1]))
        {
            draft.AskUser(context.Request.Group ?? members[0], null, $"Create a stereo pair of {context.NamesOf(members)} in the Alexa app: no program can do it for you.", members);
        }

        return draft;
    }

    private static void SameModel(Draft draft, EchoView a, EchoView b)
    {
        foreach (var echo in new[] { a, b })
        {
            if (string.IsNullOrWhiteSpace(echo.Model)) draft.Ask("G5", echo.Id, "Which model are these: {0}? A stereo pair needs two identical ones.");
            else if (echo.Match?.Note is { } note) draft.Ask("G5", echo.Id, $"{note}: is that right for {{0}}?");
        }

        if (string.IsNullOrWhiteSpace(a.Model) || string.IsNullOrWhiteSpace(b.Model)) return;
        if (ModelOf(a) == ModelOf(b) || MayBeSame(a, b)) return;
        draft.BlockForGood("G5", [a.Id, b.Id], $"{a.Name} ({Names.Cut(a.Model)}) and {b.Name} ({Names.Cut(b.Model)}) are not identical; a stereo pair needs two of the same model.",
            "Use two Echos of the same model, or a Wi-Fi group.");
    }

    private static string ModelOf(EchoView echo) => ModelName.Fold(echo.Match?.Model.Model ?? echo.Model!);

    // "Echo Dot" beside "Echo Dot (5th gen)": the generation is a guess, which is asked above and refuses nothing.
    private static bool MayBeSame(EchoView a, EchoView b) => (a.Match?.Note ?? b.Match?.Note) is not null && Base(a) == Base(b);

    private static string Base(EchoView echo) => ModelName.FoldBase(echo.Match?.Model.Model ?? echo.Model!);

    private static bool Exists(PlanContext context, string a, string b) =>
        (context.House.Observed.StereoPairs ?? []).Any(p => (p.Left == a && p.Right == b) || (p.Left == b && p.Right == a));
}
