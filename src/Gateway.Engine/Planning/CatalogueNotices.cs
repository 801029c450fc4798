namespace Gateway.Engine;

/// <summary>Members with a limitation of the catalogue (S1-S6 and users' own) are always named, also where a step covers it.</summary>
internal static class CatalogueNotices
{
    public static void Add(Draft draft)
    {
        var keepsAwake = draft.Steps.Any(s => s is KeepAwakeStep);
        foreach (var notice in Of(draft.Context, keepsAwake)) draft.Warn(notice.Rule, notice.Devices, notice.Text, notice.Remedy);
    }

    /// <param name="keepsAwake">The plan has a step that covers S1.</param>
    public static IReadOnlyList<PlanNotice> Of(PlanContext context, bool keepsAwake = false)
    {
        var notices = new List<PlanNotice>();
        foreach (var id in context.Members)
        {
            if (ModelOf(context, id) is not { Limitation: { Length: > 0 } limitation } model) continue;
            notices.Add(new PlanNotice(model.Rule, [id], $"{context.Name(id)} ({Names.Cut(model.Model)}): {limitation.TrimEnd('.')}.", Remedy(model, keepsAwake)));
        }

        return notices;
    }

    public static SpeakerModel? ModelOf(PlanContext context, string id)
    {
        if (context.Speaker(id) is { } speaker) return speaker.Model;
        if (context.Echo(id) is not { Model: not null } echo) return null;
        return CatalogueMatch.Speaker(context.House.Catalogue, echo.Model, null)
            ?? (echo.Match is { } match ? CatalogueMatch.Speaker(context.House.Catalogue, match.Model.Model, null) : null);
    }

    private static string Remedy(SpeakerModel model, bool keepsAwake)
    {
        var remedy = string.IsNullOrWhiteSpace(model.Remedy) ? "Leave it out of the group where that disturbs." : model.Remedy;
        return model.IdlePowerOffMinutes is not null && keepsAwake ? $"{remedy.TrimEnd('.')} (a step of this plan)." : remedy;
    }
}
