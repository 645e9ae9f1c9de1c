-- A tenant's book goes with it.
select underpin.purgeable('funds.fund'), underpin.purgeable('funds.investor'), underpin.purgeable('funds.allocation'),
    underpin.purgeable('funds.fund_import'), underpin.purgeable('funds.import_finding'),
    underpin.purgeable('funds.position_report'), underpin.purgeable('funds.fund_movement');
